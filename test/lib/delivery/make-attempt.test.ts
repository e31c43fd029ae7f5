import assert from "node:assert/strict";
import { makeAttempt, unsendable } from "../../../nodes/lib/delivery/make-attempt";
import type { StoredDelivery } from "../../../nodes/lib/delivery/outbox";
import type { Transport, TransportResult } from "../../../nodes/lib/delivery/transport";
import { FakeClock } from "../../fixtures/fake-clock";
import { delivery } from "../store/sample-delivery";
import { OK } from "./engine-under-test";
import { integrationAt } from "./receiver";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

function stored(changes: Partial<StoredDelivery> = {}): StoredDelivery {
  return { ...delivery(), generation: 1, acceptedAt: 0, attempts: 0, localFailures: 0, heldMs: 0, ...changes };
}

function transportOf(send: Transport["send"]): Transport {
  return { send, forget: () => undefined, close: async () => undefined };
}

describe("making an attempt", () => {
  const clock = new FakeClock();
  const live = integrationAt("https://user-token.example/hook?token=abcdef123456&plain=1", {
    headers: { Authorization: "Bearer abc.def.ghi", "X-Team": "team-secret-value" },
  });
  live.secrets = { ...live.secrets, secret: SECRET };
  const answers = (result: Partial<TransportResult>) =>
    transportOf(async () => {
      clock.advance(42);
      return { ...OK, ...result };
    });

  it("says which attempt it was, when, how long and how it ended", async () => {
    const startedAt = clock.now();
    const { attempt, result } = await makeAttempt(stored({ attempts: 3 }), live, answers({}), clock);
    const { attemptId, startedAt: started, durationMs, outcome, reason, statusCode, responseBody } = attempt;
    assert.match(attemptId, /^att_[0-9a-f]{32}$/);
    assert.deepEqual(
      [attempt.attempt, started, durationMs, outcome, reason, statusCode, responseBody],
      [4, startedAt, 42, "success", null, 200, "thanks"],
    );
    assert.deepEqual(result, OK);
  });

  it("gives each attempt an id of its own", async () => {
    const one = await makeAttempt(stored(), live, answers({}), clock);
    const two = await makeAttempt(stored(), live, answers({}), clock);
    assert.notEqual(one.attempt.attemptId, two.attempt.attemptId);
  });

  it("sends secrets and shows none of them", async () => {
    let sent: Readonly<Record<string, string>> = {};
    const transport = transportOf(async ({ headers }) => {
      sent = headers;
      return {
        ...OK,
        responseHeaders: { "Set-Cookie": "session=abc", "x-team": "team-secret-value", Server: "nginx" },
      };
    });
    const { attempt } = await makeAttempt(stored(), live, transport, clock);
    assert.equal(sent.Authorization, "Bearer abc.def.ghi");
    assert.equal(sent["X-Team"], "team-secret-value");
    const shown = JSON.stringify(attempt);
    for (const secret of [
      "abc.def.ghi",
      "team-secret-value",
      "abcdef123456",
      sent["webhook-signature"] ?? "?",
      SECRET,
    ]) {
      assert.ok(!shown.includes(secret), secret);
    }
    assert.equal(attempt.requestHeaders["webhook-id"], sent["webhook-id"]);
    assert.equal(attempt.responseHeaders.Server, "nginx");
    assert.match(attempt.url, /^https:\/\/user-token\.example\/hook/);
  });

  it("sends nothing without a secret to sign with, and holds it against nobody", async () => {
    const unsigned = { ...live, secrets: { ...live.secrets, secret: "" } };
    const transport = transportOf(() => assert.fail("nothing is to be sent"));
    const { attempt, result } = await makeAttempt(stored({ attempts: 2 }), unsigned, transport, clock);
    assert.deepEqual(
      [attempt.outcome, attempt.reason, attempt.statusCode, attempt.attempt, attempt.requestHeaders],
      [null, "no-secret", 0, 3, {}],
    );
    assert.equal(result.outcome, null);
  });

  it("can say that nothing was sent because the settings could not be read", () => {
    const { attempt } = unsendable(stored({ attempts: 1 }), 1_000);
    assert.deepEqual(
      [attempt.outcome, attempt.reason, attempt.startedAt, attempt.durationMs, attempt.attempt, attempt.url],
      [null, "no-secret", 1_000, 0, 2, ""],
    );
  });

  it("has no negative duration when the clock is set back", async () => {
    const back = transportOf(async () => {
      clock.advance(-5_000);
      return OK;
    });
    assert.equal((await makeAttempt(stored(), live, back, clock)).attempt.durationMs, 0);
  });
});
