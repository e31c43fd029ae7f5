import { resolve } from "node:path";
import type { Node, NodeAPI, NodeDef } from "node-red";
import { configured } from "../host/configuration";
import { tlsSettings } from "../host/connection-nodes";
import { hostOf } from "../host/host";
import { onClose } from "../host/input";
import type { DeployedMailer } from "../host/mailers";
import { secretSetting } from "../host/secret-setting";
import { FolderMailer } from "../lib/notify/folder-mailer";
import { parseMailer } from "../lib/notify/parse-mailer";
import { SmtpMailer } from "../lib/notify/smtp-mailer";
import { check } from "../lib/validation/check";
import { plainObject } from "../lib/validation/plain-object";
import { textSetting } from "../lib/validation/setting";

const PATH = "owner-mailer";
const REST = plainObject({ tls: textSetting("") });
const CREDENTIALS = plainObject({ user: secretSetting(), password: secretSetting() });

export = (RED: NodeAPI): void => {
  const host = hostOf(RED);

  RED.nodes.registerType(
    "owner-mailer",
    function (this: Node<{ user: unknown; password: unknown }>, config: NodeDef) {
      RED.nodes.createNode(this, config);
      const mailer = configured(RED, this, config, (properties): DeployedMailer => {
        const settings = parseMailer(properties, PATH);
        if (settings.transport === "folder") {
          const folder = resolve(host.userDirectory, settings.folder);
          return { create: () => new FolderMailer(folder, settings.from) };
        }
        const subject = "owner mailer";
        const tls = tlsSettings(RED, check(REST, properties, { subject, path: PATH }).tls);
        const credentials = check(CREDENTIALS, this.credentials, { subject, path: PATH, hidden: ["user", "password"] });
        return { create: () => new SmtpMailer({ ...settings, ...credentials, tls }) };
      });
      if (mailer !== undefined) onClose(this, host.mailers.offer(this.id, mailer));
    },
    { credentials: { user: { type: "text" }, password: { type: "password" } } },
  );
};
