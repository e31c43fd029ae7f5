import assert from "node:assert/strict";
import { AttemptFailure } from "../../../nodes/lib/delivery/attempt-failure";
import { classifyAnswer, classifyFailure } from "../../../nodes/lib/delivery/classify";

const now = Date.parse("2026-11-23T10:00:00.000Z");
const DAY_MS = 86_400_000;

describe("classifying an answer", () => {
  it("takes 2xx for success", () => {
    for (const status of [200, 201, 204, 299]) {
      assert.deepEqual(classifyAnswer(status, {}, now), {
        outcome: "success",
        reason: null,
        abortMessage: false,
        fatalSignal: null,
        retryAfterMs: null,
      });
    }
  });

  it("takes every other for an error, redirects too", () => {
    for (const status of [300, 301, 304, 400, 404, 408, 425, 429, 500, 503, 599, 600, 999]) {
      const { outcome, reason } = classifyAnswer(status, {}, now);
      assert.deepEqual([outcome, reason], ["error", `http-${status}`]);
    }
  });

  it("takes 410 and the header that asks for it for fatal, whatever else is said", () => {
    const disable = { "webhook-delivery": "disable" };
    assert.deepEqual(pick(classifyAnswer(410, {}, now)), ["fatal", "http-410", "410"]);
    assert.deepEqual(pick(classifyAnswer(410, disable, now)), ["fatal", "http-410", "410"]);
    assert.deepEqual(pick(classifyAnswer(200, disable, now)), ["fatal", "http-200", "header"]);
    assert.deepEqual(pick(classifyAnswer(503, disable, now)), ["fatal", "http-503", "header"]);
  });

  it("hears abort-message with a failure only", () => {
    const abort = { "webhook-delivery": "abort-message" };
    assert.equal(classifyAnswer(500, abort, now).abortMessage, true);
    assert.equal(classifyAnswer(200, abort, now).abortMessage, false);
    assert.equal(classifyAnswer(500, {}, now).abortMessage, false);
  });

  it("reads webhook-delivery in any case, with spaces, as a list or given twice", () => {
    for (const value of ["DISABLE", " disable ", "abort-message, disable", ["abort-message", "Disable"]]) {
      assert.equal(classifyAnswer(500, { "webhook-delivery": value }, now).outcome, "fatal");
    }
    for (const value of ["disabled", "no disable", "", "disable; x"]) {
      assert.equal(classifyAnswer(500, { "webhook-delivery": value }, now).outcome, "error");
    }
  });
});

describe("Retry-After", () => {
  const wait = (status: number, value: string | string[]) =>
    classifyAnswer(status, { "retry-after": value }, now).retryAfterMs;

  it("counts with 429 and 503 only", () => {
    assert.deepEqual(
      [200, 301, 400, 408, 429, 500, 502, 503, 504].map((status) => wait(status, "60")),
      [null, null, null, null, 60_000, null, null, 60_000, null],
    );
  });

  it("is seconds or an HTTP date", () => {
    assert.equal(wait(429, "0"), 0);
    assert.equal(wait(429, " 7 "), 7_000);
    assert.equal(wait(503, "Mon, 23 Nov 2026 10:01:00 GMT"), 60_000);
    assert.equal(wait(503, "Monday, 23-Nov-26 10:01:00 GMT"), 60_000);
    assert.equal(wait(503, ["5", "9"]), 5_000);
  });

  it("is at most a day, and at least nothing", () => {
    assert.equal(wait(429, "86400"), DAY_MS);
    assert.equal(wait(429, "86401"), DAY_MS);
    assert.equal(wait(429, "9".repeat(400)), DAY_MS);
    assert.equal(wait(429, "Mon, 23 Nov 2099 10:01:00 GMT"), DAY_MS);
    assert.equal(wait(429, "Mon, 23 Nov 1999 10:01:00 GMT"), 0);
  });

  it("is ignored when it is neither", () => {
    for (const value of ["", "soon", "-5", "1.5", "1e3", "2026-11-23", "0x10", "Xxx, 99 Abc 2026 10:01:00 GMT", "٣"]) {
      assert.equal(wait(429, value), null, value);
    }
  });
});

describe("classifying a failure", () => {
  const withCode = (code: string, message = "") => Object.assign(new Error(message), { code });
  const cases: [unknown, string | null, string][] = [
    [new AttemptFailure("dns"), "timeout", "dns"],
    [new AttemptFailure("timeout"), "timeout", "timeout"],
    [new AttemptFailure("blocked-address"), null, "blocked-address"],
    [new AttemptFailure("local-dns"), null, "local-dns"],
    [new AttemptFailure("proxy"), null, "proxy"],
    [new AttemptFailure("no-secret"), null, "no-secret"],
    [withCode("ECONNREFUSED"), "timeout", "refused"],
    [withCode("ECONNRESET"), "timeout", "reset"],
    [withCode("EPIPE"), "timeout", "reset"],
    [withCode("UND_ERR_SOCKET", "other side closed"), "timeout", "reset"],
    [withCode("UND_ERR_SOCKET", "bad upgrade"), "timeout", "bad-response"],
    [withCode("UND_ERR_HEADERS_OVERFLOW"), "timeout", "bad-response"],
    [Object.assign(new Error(), { name: "HTTPParserError" }), "timeout", "bad-response"],
    [withCode("ETIMEDOUT"), "timeout", "timeout"],
    [withCode("EHOSTUNREACH"), "timeout", "timeout"],
    [withCode("EPROTO"), "timeout", "tls"],
    [withCode("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"), "timeout", "tls"],
    [withCode("ENETUNREACH"), null, "local-network"],
    [withCode("EMFILE"), null, "local-network"],
    [new Error("something of ours"), null, "local-network"],
    ["not even an error", null, "local-network"],
  ];
  for (const [error, outcome, reason] of cases) {
    it(`finds ${reason} in ${error instanceof Error ? `${error.name} ${"code" in error ? error.code : error.message}` : error}`, () => {
      assert.deepEqual(classifyFailure(error), { outcome, reason });
    });
  }
});

function pick({ outcome, reason, fatalSignal }: ReturnType<typeof classifyAnswer>) {
  return [outcome, reason, fatalSignal];
}
