import assert from "node:assert/strict";
import { parseMailer, parseRecipients } from "../../../nodes/lib/notify/parse-mailer";
import { InvalidFieldsError } from "../../../nodes/lib/validation/invalid-fields-error";

function refusedFields(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof InvalidFieldsError);
    return error.fields.map(({ field }) => field);
  }
  assert.fail("was not refused");
}

/** A setting with an environment variable that Node-RED could not replace. */
function unset(name: string): string {
  return `$\{${name}}`;
}

const smtp = { transport: "smtp", host: "mail.example.com", from: "webhooks@example.com" };

describe("parseMailer", () => {
  it("takes a new node as the folder transport", () => {
    assert.deepEqual(parseMailer({}, "mailer"), {
      transport: "folder",
      folder: "owner-mail",
      from: { name: "Comment webhooks", address: "comment-webhooks@localhost" },
    });
  });

  it("does not look at SMTP settings of a folder, nor at the folder of SMTP", () => {
    assert.equal(parseMailer({ transport: "folder", port: "x" }, "mailer").transport, "folder");
    assert.equal(parseMailer({ ...smtp, folder: unset("UNSET") }, "mailer").transport, "smtp");
  });

  it("reads values as environment variables give them", () => {
    assert.deepEqual(parseMailer({ ...smtp, port: "2525", secure: "false" }, "mailer"), {
      transport: "smtp",
      host: "mail.example.com",
      port: 2525,
      secure: false,
      from: { name: "", address: "webhooks@example.com" },
    });
  });

  it("uses the usual port where none is given", () => {
    const portOf = (secure: unknown) => {
      const settings = parseMailer({ ...smtp, port: "", secure }, "mailer");
      return settings.transport === "smtp" ? settings.port : null;
    };
    assert.equal(portOf("true"), 465);
    assert.equal(portOf(false), 587);
  });

  it("reads the sender with and without a name", () => {
    for (const [from, name] of [
      ["Hooks & co <webhooks@example.com>", "Hooks & co"],
      ['"Hooks, of Acme" <webhooks@example.com>', "Hooks, of Acme"],
      ["<webhooks@example.com>", ""],
    ]) {
      assert.deepEqual(parseMailer({ ...smtp, from }, "mailer").from, { name, address: "webhooks@example.com" });
    }
  });

  it("names every wrong field", () => {
    const raw = { transport: "smtp", host: "mail server", port: 70_000, secure: "maybe", from: "nobody" };
    assert.deepEqual(
      refusedFields(() => parseMailer(raw, "mailer")),
      ["mailer.host", "mailer.port", "mailer.secure", "mailer.from"],
    );
    assert.deepEqual(
      refusedFields(() => parseMailer({ transport: "pigeon" }, "mailer")),
      ["mailer.transport"],
    );
    assert.deepEqual(
      refusedFields(() => parseMailer({ transport: "smtp" }, "mailer")),
      ["mailer.host", "mailer.from"],
    );
  });

  it("refuses environment variables that are not set", () => {
    const raw = {
      transport: "smtp",
      host: unset("HOST"),
      port: unset("PORT"),
      secure: unset("TLS"),
      from: `a@${unset("DOMAIN")}`,
    };
    assert.equal(refusedFields(() => parseMailer(raw, "mailer")).length, 4);
    assert.deepEqual(
      refusedFields(() => parseMailer({ folder: `/var/${unset("X")}/mail` }, "mailer")),
      ["mailer.folder"],
    );
  });

  it("lets no line break into the sender or the host", () => {
    for (const from of ["a@example.com\r\nBcc: b@example.com", "A\r\nBcc: b@example.com <a@example.com>"]) {
      assert.deepEqual(
        refusedFields(() => parseMailer({ ...smtp, from }, "mailer")),
        ["mailer.from"],
      );
    }
    assert.deepEqual(
      refusedFields(() => parseMailer({ ...smtp, host: "a.example\r\nx" }, "mailer")),
      ["mailer.host"],
    );
  });
});

describe("parseRecipients", () => {
  it("reads lists, JSON and text with commas", () => {
    const both = ["ana@example.com", "bo@example.com"];
    for (const value of [both, JSON.stringify(both), " ana@example.com, bo@example.com\n"]) {
      assert.deepEqual(parseRecipients(value, "recipients"), both);
    }
    for (const value of [undefined, null, "", []]) assert.deepEqual(parseRecipients(value, "recipients"), []);
  });

  it("takes the same address in other letters once", () => {
    assert.deepEqual(parseRecipients(["Ana@Example.com", "ana@example.com "], "recipients"), ["ana@example.com"]);
  });

  it("takes addresses of any script", () => {
    assert.deepEqual(parseRecipients(["用户@例子.广告", "josé+x@münchen.de"], "recipients").length, 2);
  });

  it("names each wrong address", () => {
    const wrong = ["", "nobody", "a@b@c", "a b@c.de", "a@c..de", "a@-c.de", "x@y\r\nz", "<a@b.de>", 7, unset("OWNER")];
    const value = ["fine@example.com", ...wrong];
    assert.deepEqual(
      refusedFields(() => parseRecipients(value, "recipients")),
      wrong.map((_, index) => `recipients[${index + 1}]`),
    );
    assert.deepEqual(
      refusedFields(() => parseRecipients({}, "recipients")),
      ["recipients"],
    );
  });
});
