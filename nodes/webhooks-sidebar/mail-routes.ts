import type { NodeAPI } from "node-red";
import { DEFAULT_TEMPLATES } from "../lib/notify/default-templates";
import { previewMail } from "../lib/notify/preview-mail";
import { systemClock } from "../lib/time/clock";
import { READ } from "./admin-routes";
import { answer, bodyOf, jsonOnly } from "./json-route";

/** What the dialog of notify-owners asks: the mails as they are by default, and what changed templates make of samples. */
export function registerMailRoutes(RED: NodeAPI): void {
  const read = RED.auth.needsPermission(READ);
  RED.httpAdmin.get(
    "/comment-webhooks/mail-templates",
    read,
    answer(() => DEFAULT_TEMPLATES),
  );
  RED.httpAdmin.post(
    "/comment-webhooks/preview-mail",
    read,
    jsonOnly,
    answer((request) => previewMail(bodyOf(request), systemClock.now())),
  );
}
