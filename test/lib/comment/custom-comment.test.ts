import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readMappedComment } from "../../../nodes/lib/comment/custom-comment";
import { readComment } from "../../../nodes/lib/comment/read-comment";
import { plainComment } from "../../fixtures/source-payloads";
import { wrongFields } from "./refusal";

describe("readMappedComment", () => {
  it("reads the plain form that a mapping made", () => {
    assert.deepEqual(
      readMappedComment(plainComment(), {}),
      readComment({ payload: plainComment(), headers: {} }, "comment"),
    );
  });

  it("names wrong fields as properties of the mapping", () => {
    const mapped = { ...plainComment(), action: "opened", issue: { id: undefined } };
    assert.deepEqual(
      wrongFields(() => readMappedComment(mapped, {})),
      {
        "mapping.action": '"opened"',
        "mapping.issue.id": "nothing",
      },
    );
    assert.deepEqual(
      wrongFields(() => readMappedComment(undefined, {})),
      { mapping: "nothing" },
    );
    assert.deepEqual(
      wrongFields(() => readMappedComment([plainComment()], {})).mapping?.slice(0, 20),
      '[{"action":"created"',
    );
  });

  it("takes any source's name of the delivery", () => {
    for (const header of ["webhook-id", "X-GitHub-Delivery", "Idempotency-Key", "X-Gitlab-Event-UUID", "Request-ID"]) {
      assert.match(readMappedComment(plainComment(), { [header]: "d-1" }).sourceDeliveryId ?? "", /^d-1\/42\//);
    }
  });
});
