import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { FolderMailer } from "../../../nodes/lib/notify/folder-mailer";
import type { OutgoingMail } from "../../../nodes/lib/notify/owner-mailer";
import { MONDAY } from "./sample-notice";

const mail: OutgoingMail = {
  id: "0123456789abcdef",
  kind: "disabled",
  dateMs: MONDAY,
  to: "owner@example.com",
  subject: "“Bauhütte” wurde abgeschaltet 🦊",
  text: "Hello\n",
  html: "<p>Hello</p>",
};
const from = { name: "Webhooks, of Acme", address: "webhooks@example.org" };

describe("FolderMailer", () => {
  let parent: string;
  let folder: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "folder-mailer-"));
    folder = join(parent, "a", "b");
  });

  afterEach(async () => {
    await rm(parent, { recursive: true });
  });

  it("makes the folder and writes one complete file that mail programs can read", async () => {
    assert.deepEqual(await new FolderMailer(folder, from).send(mail), { accepted: true });
    const files = await readdir(folder);
    assert.deepEqual(files, ["20261123T101500Z-disabled-owner@example.com-0123456789abcdef.eml"]);
    const raw = await readFile(join(folder, files[0] ?? ""));
    const parsed = await simpleParser(raw);
    assert.equal(parsed.subject, mail.subject);
    assert.deepEqual(parsed.from?.value, [{ ...from }]);
    assert.equal(parsed.text, mail.text);
    assert.equal(parsed.html, mail.html);
    assert.match(raw.toString("latin1"), /^(?:[\x20-\x7e\t]*\r\n)+/);
  });

  it("writes the same mail into the same file", async () => {
    const mailer = new FolderMailer(folder, from);
    await mailer.send(mail);
    await mailer.send(mail);
    assert.equal((await readdir(folder)).length, 1);
    await mailer.send({ ...mail, id: "other" });
    assert.equal((await readdir(folder)).length, 2);
  });

  it("makes a safe file name of any address", async () => {
    for (const to of ["../../etc/passwd@x", "a:b*c?@x", "ö\u0000@x", `${"y".repeat(300)}@x`]) {
      assert.deepEqual(await new FolderMailer(folder, from).send({ ...mail, to, id: "x" }), { accepted: true }, to);
    }
    assert.deepEqual(await readdir(parent), ["a"]);
    for (const name of await readdir(folder)) assert.match(name, /^[A-Za-z0-9@._+-]{1,200}\.eml$/);
  });

  it("takes a folder that cannot be written as trouble for now, and recovers", async () => {
    await writeFile(join(parent, "a"), "a file stands in the way");
    const mailer = new FolderMailer(folder, from);
    const result = await mailer.send(mail);
    assert.equal(result.accepted === false && result.permanent, false);
    await rm(join(parent, "a"));
    assert.deepEqual(await mailer.send(mail), { accepted: true });
  });
});
