import assert from "node:assert/strict";
import { type MigrationStep, migrate, NewerVersionError } from "../../nodes/host/migrate";

/** As if there had been three versions: `to` became `target`, and its value a list. */
const STEPS: MigrationStep[] = [
  ({ to, ...rest }) => ({ ...rest, target: to }),
  ({ target, ...rest }) => ({ ...rest, target: [target] }),
];

describe("migrating a node's properties", () => {
  it("takes a node of any earlier version through every step since", () => {
    assert.deepEqual(migrate("pretend", { version: 1, name: "n", to: "a" }, STEPS), {
      version: 3,
      name: "n",
      target: ["a"],
    });
    assert.deepEqual(migrate("pretend", { version: 2, target: "a" }, STEPS), { version: 3, target: ["a"] });
  });

  it("takes a node without a version to be of the first", () => {
    assert.deepEqual(migrate("pretend", { to: "a" }, STEPS), { version: 3, target: ["a"] });
  });

  it("leaves a node of the present version as it is", () => {
    assert.deepEqual(migrate("pretend", { version: 3, target: ["a"] }, STEPS), { version: 3, target: ["a"] });
  });

  it("refuses a node of a later version and says what to do", () => {
    assert.throws(
      () => migrate("webhook-send", { version: 4 }, STEPS),
      (error) => {
        assert.ok(error instanceof NewerVersionError);
        assert.match(error.message, /webhook-send: version is 4, expected at most 3.*update the package/);
        return true;
      },
    );
  });

  it("knows only the first version of our own nodes so far", () => {
    for (const type of ["comment-webhook-build", "webhook-send", "webhook-integration", "webhook-store"]) {
      assert.equal(migrate(type, { version: 1 }).version, 1);
      assert.throws(() => migrate(type, { version: 2 }), NewerVersionError);
    }
  });
});
