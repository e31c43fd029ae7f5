import type { Request } from "express";
import type { NodeAPI } from "node-red";
import { parseRules } from "../lib/health/rules";
import { HOUR_MS } from "../lib/time/utc-day";
import { InvalidFieldsError, quoteValue } from "../lib/validation/invalid-fields-error";
import { isPlainObject, type PlainObject } from "../lib/validation/plain-object";
import type { IntegrationDesk } from "./integration-desk";
import { answer, bodyOf, jsonOnly } from "./json-route";

const ROOT = "/comment-webhooks/integrations/:integration";
export const READ = "comment-webhooks.read";
const WRITE = "comment-webhooks.write";
const SOMEONE = "a person in the editor";

/**
 * Routes of the editor's own web server, each behind Node-RED's permissions `comment-webhooks.read` and
 * `comment-webhooks.write`. What changes something takes JSON only: a page elsewhere cannot make a browser send that here.
 */
export function registerAdminRoutes(RED: NodeAPI, desk: IntegrationDesk): void {
  const read = RED.auth.needsPermission(READ);
  const write = RED.auth.needsPermission(WRITE);

  RED.httpAdmin.get(
    ROOT,
    read,
    answer((request) => desk.view(idIn(request))),
  );
  for (const command of ["enable", "disable"] as const) {
    RED.httpAdmin.post(
      `${ROOT}/${command}`,
      write,
      jsonOnly,
      answer(async (request) => ({ change: await desk.command(idIn(request), command, personIn(request)) })),
    );
  }
  RED.httpAdmin.post(
    `${ROOT}/test`,
    write,
    jsonOnly,
    answer((request) => desk.test(idIn(request))),
  );
  RED.httpAdmin.post(
    `${ROOT}/test-and-enable`,
    write,
    jsonOnly,
    answer(async (request) => {
      const delivery = await desk.test(idIn(request));
      const change =
        delivery.outcome === "success" ? await desk.command(idIn(request), "enable", personIn(request)) : null;
      return { delivery, change };
    }),
  );
  RED.httpAdmin.post(
    `${ROOT}/preview-rules`,
    read,
    jsonOnly,
    answer((request) => desk.preview(idIn(request), previewSettings(bodyOf(request)))),
  );
}

function previewSettings(body: PlainObject) {
  const { rules, counting, warnAt, minWarning } = body;
  return {
    rules: parseRules(rules, "rules"),
    counting: counting === "sentry" ? "sentry" : "all",
    warnAt: numberIn("warnAt", warnAt),
    minWarningMs: counting === "sentry" ? 0 : numberIn("minWarning", minWarning) * HOUR_MS,
  } as const;
}

function numberIn(field: string, value: unknown): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidFieldsError("preview", [{ field, value: quoteValue(value), expected: "a number from 0" }]);
}

function idIn(request: Request): string {
  return String(request.params.integration ?? "");
}

/** Who is logged in to the editor, as audit and mails name them. */
function personIn(request: Request): string {
  const user: unknown = "user" in request ? request.user : undefined;
  return isPlainObject(user) && typeof user.username === "string" && user.username !== "" ? user.username : SOMEONE;
}
