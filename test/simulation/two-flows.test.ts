import assert from "node:assert/strict";
import { SingleIntegration } from "./single-integration";

const ROUNDS = 1_000;
const OWNERS = ["ada@example.com", "grace@example.com", "linus@example.com"];

describe("two flows in one process that decide on the same integration at the same moment", () => {
  it(`disable and enable it once each, and tell each owner once, ${ROUNDS} times over`, async function () {
    this.timeout(120_000);
    const single = await SingleIntegration.open({
      flows: ["one", "other"],
      health: { rules: [{ rule: "consecutive", count: 2 }], warnAt: 1, minWarning: 0 },
      properties: { owners: OWNERS, retries: "none" },
    });
    for (let round = 0; round < ROUNDS; round++) {
      const before = (await single.state()).revision;
      // Each flow sends a webhook; both fail at the same moment, which breaks the rule.
      await single.send();
      assert.equal(await single.answerAll("5xx"), 2);
      await single.command("enable", "Ada");
      single.clock.advance(60_000);

      const { status, revision, audit, transitions } = await single.state();
      assert.equal(status, "active");
      assert.equal(revision - before, 2, "each change is written once");
      assert.equal(audit.length, Math.min(200, 2 * (round + 1)));
      assert.deepEqual(
        audit.slice(-2).map(({ action, by }) => [action, by]),
        [
          ["disabled", "rule consecutive"],
          ["enabled", "Ada"],
        ],
      );
      assert.equal(new Set(transitions.slice(-2).map(({ episode }) => episode)).size, 1);
      for (const told of single.told) assert.deepEqual(told.splice(0), ["disabled", "active"]);
      const mails = single.mails.splice(0).map(({ to, kind }) => `${kind} ${to}`);
      const expected = ["active", "disabled"].flatMap((kind) => OWNERS.map((owner) => `${kind} ${owner}`));
      assert.deepEqual(mails.sort(), expected);
    }
    assert.equal(single.beaten, 2 * ROUNDS, "each change was decided by both");
    assert.deepEqual(single.failures, []);
    await single.close();
  });
});
