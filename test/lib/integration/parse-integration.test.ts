// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Node-RED refers to environment variables
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { INTEGRATION_DEFAULTS } from "../../../nodes/lib/integration/integration-defaults";
import { parseIntegration } from "../../../nodes/lib/integration/parse-integration";
import { parseSealedIntegration } from "../../../nodes/lib/integration/seal-secrets";
import { InvalidFieldsError } from "../../../nodes/lib/validation/invalid-fields-error";
import { integrationSpec } from "../../fixtures/integration-spec";

const WHERE = "msg.integrations[0]";
const least = { id: "acme", url: "https://acme.example/hooks" };

function read(more: Record<string, unknown>) {
  return parseIntegration({ ...least, ...more }, WHERE);
}

function fields(raw: unknown): readonly { field: string; value: string; expected: string }[] {
  try {
    parseIntegration(raw as Record<string, unknown>, WHERE);
  } catch (error) {
    assert.ok(error instanceof InvalidFieldsError);
    return error.fields;
  }
  throw new assert.AssertionError({ message: "was accepted" });
}

function expectedOf(property: string, value: unknown): string {
  const [field, ...others] = fields({ ...least, [property]: value });
  assert.equal(field?.field, `${WHERE}.${property}`);
  assert.deepEqual(others, []);
  return field.expected;
}

describe("parseIntegration", () => {
  it("takes the defaults for what is missing, null, or an empty box of the editor", () => {
    const defaults = integrationSpec({ ...least, name: least.id, slug: least.id });
    assert.deepEqual(parseIntegration(least, WHERE), defaults);
    const names = Object.keys(INTEGRATION_DEFAULTS).filter((name) => name !== "url");
    for (const nothing of [undefined, null, ""]) {
      assert.deepEqual(read(Object.fromEntries(names.map((name) => [name, nothing]))), defaults);
    }
    assert.deepEqual(parseIntegration({ ...INTEGRATION_DEFAULTS, ...least }, WHERE), defaults);
  });

  it("reads the texts that environment variables become", () => {
    const spec = read({
      events: '["comment.deleted"]',
      projects: "web-shop, app",
      owners: '["ana@example.com","bo@example.com"]',
      timeout: "5",
      retries: "[5, 300]",
      ordered: "false",
      concurrency: " 2 ",
      rate: "0.5",
      holdDays: "1.5",
      allowPrivate: "TRUE",
      maxAge: "1",
    });
    assert.deepEqual(spec.events, ["comment.deleted"]);
    assert.deepEqual(spec.projects, ["web-shop", "app"]);
    assert.deepEqual(spec.owners, ["ana@example.com", "bo@example.com"]);
    assert.equal(spec.timeoutMs, 5);
    assert.deepEqual(spec.retries, [5, 300]);
    assert.equal(spec.ordered, false);
    assert.equal(spec.concurrency, 2);
    assert.equal(spec.rate, 0.5);
    assert.equal(spec.holdDays, 1.5);
    assert.equal(spec.allowPrivate, true);
    assert.equal(spec.maxAgeHours, 1);
  });

  it("keeps real types", () => {
    const spec = read({ retries: [], ordered: false, timeout: 1, events: ["comment.created", "comment.created"] });
    assert.deepEqual([spec.retries, spec.ordered, spec.timeoutMs, spec.events], [[], false, 1, ["comment.created"]]);
  });

  it("says which environment variable is not set", () => {
    const raw = { id: "a", url: "http://host:${PORT}/", timeout: "${TIMEOUT}", owners: ["${OWNER}"], name: "${NAME}" };
    assert.deepEqual(
      fields(raw).map(({ field, expected }) => [field, /variable (\w+) is not set/.exec(expected)?.[1]]),
      [
        [`${WHERE}.name`, "NAME"],
        [`${WHERE}.url`, "PORT"],
        [`${WHERE}.owners[0]`, "OWNER"],
        [`${WHERE}.timeout`, "TIMEOUT"],
      ],
    );
    assert.equal(read({ name: "Costs ${5} each" }).name, "Costs ${5} each");
  });

  it("names every wrong property", () => {
    assert.deepEqual(
      fields({ timeout: 0, events: ["comment.seen"], retries: [1, "x"], ordered: "no", whenDisabled: 1 }).map(
        ({ field, value }) => [field, value],
      ),
      [
        [`${WHERE}.id`, "nothing"],
        [`${WHERE}.url`, "nothing"],
        [`${WHERE}.events[0]`, '"comment.seen"'],
        [`${WHERE}.retries`, '[1,"x"]'],
        [`${WHERE}.ordered`, '"no"'],
        [`${WHERE}.whenDisabled`, "1"],
        [`${WHERE}.timeout`, "0"],
      ],
    );
    assert.deepEqual(fields([{ secret: "s3cret" }]), [{ field: WHERE, value: "(hidden)", expected: "an object" }]);
    assert.equal(fields(null)[0]?.expected, "an object");
  });

  const edges: [property: string, good: unknown[], bad: unknown[]][] = [
    ["timeout", [1, 600_000], [0, 600_001, 1.5, "0x10", "5s", "1e3", Number.NaN, true, [5]]],
    ["concurrency", [1, 256], [0, 257, 2.5]],
    ["rate", [0, 0.1, 10_000], [-1, 10_001]],
    ["holdDays", [0, 365], [-1, 366]],
    ["holdLimit", [0, 10_000_000], [-1, 1.5]],
    ["maxAge", [0, 8_760], [-1, 8_761]],
    ["retries", ["sentry", [0, 604_800], "5,6", Array(50).fill(1)], ["often", [-1], [604_801], Array(51).fill(1), {}]],
    ["ordered", [true, "True", "false"], ["1", 1, "yes", []]],
    ["scheme", ["standard", " sentry "], ["Standard", 1, ["sentry"]]],
    ["events", [["comment.created"]], [[], "[]", {}, 5]],
    ["owners", [["a@b"], "a@b"], ["[", 5]],
    ["installation", ["eac5a0ae-60ec-418f-9318-46dc5e7e52ec", "eac5a0ae60ec418f931846dc5e7e52ec"], ["acme", 5]],
    ["name", ["Ümläut 🚀"], ["a\nb", "x".repeat(256), 5, "\ud800"]],
    ["id", ["a", 0, 17, "x".repeat(255)], [null, "", " ", 1.5, "x".repeat(256), {}, "a\u0000"]],
  ];
  for (const [property, good, bad] of edges) {
    it(`keeps ${property} within its range, and states the range`, () => {
      for (const value of good) assert.doesNotThrow(() => read({ [property]: value }), `${value}`);
      for (const value of bad) assert.notEqual(expectedOf(property, value), "");
    });
  }

  it("refuses what could add a header to a mail", () => {
    for (const owner of ["a@b, c@d", "Ana <a@b>", "a@b\nBcc: x@y", "a", "@b", "a@", "a@b@c"]) {
      assert.equal(fields({ ...least, owners: [owner] })[0]?.field, `${WHERE}.owners[0]`, owner);
    }
  });

  it("makes an empty slug from the name, and that from the id", () => {
    assert.equal(read({ name: "  Crème Brûlée & Söhne (EU) " }).slug, "creme-brulee-sohne-eu");
    assert.equal(read({ name: "東京 チーム" }).slug, "東京-チーム");
    assert.equal(read({ name: "!!!" }).slug, "acme");
    assert.deepEqual([read({ slug: "sales" }).name, read({ slug: "sales", name: "S" }).slug], ["sales", "sales"]);
    assert.equal(parseIntegration({ ...least, id: 17 }, WHERE).id, "17");
  });

  describe("the URL", () => {
    it("is kept in its canonical spelling, without a fragment", () => {
      const canonical = [
        ["HTTP://Example.com:80/a?b=c#d", "http://example.com/a?b=c"],
        [" https://example.com ", "https://example.com/"],
        ["http://0x7f.1/", "http://127.0.0.1/"],
        ["https://bücher.example/", "https://xn--bcher-kva.example/"],
        ["http://[::1]:1880/x", "http://[::1]:1880/x"],
      ];
      for (const [given, kept] of canonical) assert.equal(read({ url: given }).url, kept);
    });

    it("must be http or https, without credentials", () => {
      assert.match(expectedOf("url", "ftp://example.com/"), /http:\/\/ or https:\/\//);
      assert.match(expectedOf("url", "javascript:alert(1)"), /http:\/\/ or https:\/\//);
      assert.match(expectedOf("url", "https://ana:pw@example.com/"), /without user name and password.*Authorization/);
      assert.match(expectedOf("url", "https://ana@example.com/"), /without user name and password/);
      for (const url of ["example.com", "https://", "http://a b/", "/hooks", 5, {}]) {
        assert.match(expectedOf("url", url), /the URL that receives the webhooks/);
      }
      assert.match(expectedOf("url", `https://example.com/${"x".repeat(5_000)}`), /at most 4096 characters/);
    });

    it("is shown without what may be a token", () => {
      const shown = [
        ["ftp://ana:pa55@example.com/T0KEN?key=T0KEN#T0KEN", '"ftp://…@example.com/…"'],
        ["https://ana:pa55@example.com", '"https://…@example.com"'],
        ["https://ana:pa55@ex ample.com/T0KEN", '"https://…@ex ample.com/…"'],
        ["hooks.example.com/T0KEN", '"hooks.example.com/…"'],
        ["https://example.com/T0KEN/${KEY}/T0KEN", '"https://example.com/…${KEY}…"'],
        ["https://${HOST}/T0KEN", '"https://${HOST}/…"'],
      ];
      for (const [url, value] of shown) assert.equal(fields({ ...least, url })[0]?.value, value);
    });
  });
});

describe("parseSealedIntegration", () => {
  const settings = { ...read({ timeout: 5, maxAge: 2, retries: [1] }), sealedSecrets: "v1.abc" };

  it("reads back what was put into a message, also through JSON", () => {
    assert.deepEqual(parseSealedIntegration(settings, "msg.webhook.settings"), settings);
    assert.deepEqual(parseSealedIntegration(JSON.parse(JSON.stringify(settings)), "msg.webhook.settings"), settings);
    assert.equal(parseSealedIntegration({ ...settings, sealedSecrets: null }, "x").sealedSecrets, null);
  });

  it("names what a flow broke, and hides the secrets", () => {
    assert.throws(
      () => parseSealedIntegration({ ...settings, timeoutMs: -1, sealedSecrets: ["s3cret"] }, "msg.webhook.settings"),
      (error: InvalidFieldsError) => {
        assert.deepEqual(
          error.fields.map(({ field, value }) => [field, value]),
          [
            ["msg.webhook.settings.timeoutMs", "-1"],
            ["msg.webhook.settings.sealedSecrets", "(hidden)"],
          ],
        );
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      },
    );
  });
});
