import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Scheme } from "../../nodes/lib/integration/integration-spec";
import { outgoingRequest } from "../../nodes/lib/wire/outgoing-request";

const README = readFileSync(path.join(__dirname, "../../README.md"), "utf8");

/** The README's example that has `name` in it. */
function example(language: string, name: string): string {
  const blocks = README.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"));
  for (const [, code = ""] of blocks) if (code.includes(name)) return code;
  throw new Error(`The README has no ${language} example of ${name}`);
}

/** A signed request as receivers see it: header names in lower case, the body as bytes. */
function received(scheme: Scheme, secret: string) {
  const { headers, body } = outgoingRequest({
    delivery: { id: "msg_1a2b", scheme, body: JSON.stringify({ data: { comment: "Grüße, 你好 👋🏽" } }) },
    live: {
      spec: { url: "https://example.com/" },
      secrets: { secret, previousSecret: "", headers: {} },
    },
    nowMs: Date.now(),
  });
  return {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body,
  };
}

type Verify = (headers: Record<string, string>, body: Buffer, secret: string) => boolean;

const throwing = `(...given) => {
  try {
    return readEvent(...given).data.comment === "Grüße, 你好 👋🏽";
  } catch {
    return false;
  }
}`;

function inNode(name: string, verify = name): Verify {
  return new Function("require", `${example("js", `function ${name}(`)}\nreturn ${verify};`)(require);
}

function inPython(name: string): Verify {
  const code = `${example("python", `def ${name}(`)}
import json, sys
given = json.load(sys.stdin)
print(${name}(given["headers"], base64.b64decode(given["body"]), given["secret"]))
`;
  return (headers, body, secret) => {
    const input = JSON.stringify({ headers, body: body.toString("base64"), secret });
    const { stdout, stderr } = spawnSync("python3", ["-c", code], { input, encoding: "utf8" });
    assert.match(stdout, /^(True|False)\n$/, stderr);
    return stdout === "True\n";
  };
}

const EXAMPLES: [title: string, scheme: Scheme, load: () => Verify][] = [
  ["with standardwebhooks", "standard", () => inNode("readEvent", throwing)],
  ["with node:crypto", "standard", () => inNode("isGenuine")],
  ["of Sentry's scheme with node:crypto", "sentry", () => inNode("isGenuineSentry")],
  ["in Python", "standard", () => inPython("is_genuine")],
  ["of Sentry's scheme in Python", "sentry", () => inPython("is_genuine_sentry")],
];

for (const [title, scheme, load] of EXAMPLES) {
  describe(`the README's verification ${title}`, () => {
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    let headers: ReturnType<typeof received>["headers"];
    let body: Buffer;
    // The examples refuse what was signed long ago.
    beforeEach(() => {
      ({ headers, body } = received(scheme, secret));
    });

    it("accepts a signed request", () => assert.equal(load()(headers, body, secret), true));

    it("refuses another body", () => assert.equal(load()(headers, Buffer.from("{}"), secret), false));

    it("refuses another secret", () => {
      assert.equal(load()(headers, body, `whsec_${randomBytes(32).toString("base64")}`), false);
    });

    it("refuses a request without headers", () => assert.equal(load()({}, body, secret), false));

    if (scheme === "standard") {
      it("refuses an old request", () => {
        const old = { ...headers, "webhook-timestamp": "1600000000" };
        assert.equal(load()(old, body, secret), false);
      });
    }
  });
}
