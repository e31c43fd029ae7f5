import assert from "node:assert/strict";
import type { Outcome, Reason } from "../../../nodes/lib/delivery/attempt";
import { groupFailure, groupOf, lastFailure } from "../../../nodes/lib/health/failure-groups";
import type { FailureGroup } from "../../../nodes/lib/health/integration-ledger";
import { attempt, november } from "./told-history";

const DAY = 24 * 3_600_000;

function grouped(...failures: [id: string, outcome: Outcome | null, reason: Reason | null, at: number][]) {
  const groups: FailureGroup[] = [];
  for (const [id, outcome, reason, at] of failures) groupFailure(groups, attempt(id, outcome, reason), at);
  return groups;
}

describe("failure groups", () => {
  const at = november("18");

  it("hold failures with the same outcome and reason", () => {
    const groups = grouped(
      ["a", "error", "http-500", at],
      ["b", "error", "http-404", at + 1],
      ["c", "error", "http-500", at + 2],
      ["d", "timeout", "timeout", at + 3],
    );
    assert.deepEqual(
      groups.map(({ reason, count }) => [reason, count]),
      [
        ["http-500", 2],
        ["http-404", 1],
        ["timeout", 1],
      ],
    );
    const { firstSeen, lastSeen, openedBy, lastExample } = groups[0] ?? assert.fail();
    assert.deepEqual([firstSeen, lastSeen, openedBy, lastExample.attemptId], [at, at + 2, "a", "c"]);
    assert.equal(groupOf(groups, { outcome: "error", reason: "http-500" }), groups[0]);
    assert.equal(groupOf(groups, { outcome: "fatal", reason: "http-500" }), undefined);
  });

  it("hold what failed for a local reason, so that someone can find out why", () => {
    assert.equal(grouped(["a", null, "blocked-address", at])[0]?.reason, "blocked-address");
  });

  it("hold no success", () => {
    assert.deepEqual(grouped(["a", "success", null, at]), []);
  });

  it("are news again after 24 hours of silence, not a millisecond before", () => {
    const failing = (silenceMs: number) =>
      grouped(["a", "error", "http-500", at], ["b", "error", "http-500", at + silenceMs])[0];
    assert.equal(failing(DAY - 1)?.openedBy, "a");
    assert.equal(failing(DAY)?.openedBy, "b");
    assert.equal(failing(DAY)?.count, 2);
    assert.equal(failing(DAY)?.firstSeen, at);
    assert.equal(failing(-DAY)?.openedBy, "a");
  });

  it("are at most 50: the one not seen for longest goes", () => {
    const groups = grouped(["old", "error", "http-400", at], ["older", "error", "http-401", at - 1]);
    for (let status = 500; status < 549; status++) {
      groupFailure(groups, attempt(`${status}`, "error", `http-${status}`), at + status);
    }
    assert.equal(groups.length, 50);
    assert.equal(groupOf(groups, { outcome: "error", reason: "http-401" }), undefined);
    assert.notEqual(groupOf(groups, { outcome: "error", reason: "http-400" }), undefined);
  });

  it("know the last failure that was the receiver's doing", () => {
    const groups = grouped(
      ["a", "error", "http-500", at],
      ["b", "timeout", "reset", at + 1],
      ["c", null, "local-dns", at + 2],
    );
    assert.equal(lastFailure(groups)?.attemptId, "b");
    assert.equal(lastFailure([]), null);
  });
});
