import assert from "node:assert/strict";
import { Condition } from "../../../../nodes/lib/store/lowdb/condition";
import type { Damage } from "../../../../nodes/lib/store/store";
import { FakeClock } from "../../../fixtures/fake-clock";

const DAMAGE: Damage = {
  file: "/store/journal/00000001.jsonl",
  keptAs: "/store/journal/00000001.jsonl.damaged-then",
  problem: "the line at byte 0 cannot be read",
  consequence: "Webhooks in these lines are lost.",
};

describe("lowdb store: what is told of damaged files", () => {
  let condition: Condition;
  let told: number;

  const damages = () => {
    const now = condition.now();
    return now.state === "damaged" ? now.damages : [];
  };

  beforeEach(() => {
    condition = new Condition(new FakeClock());
    told = 0;
    condition.listen(() => {
      told += 1;
    });
  });
  afterEach(() => condition.close());

  it("tells what is lost by a file once, however often it is stumbled over", () => {
    condition.damaged(DAMAGE);
    condition.damaged({ ...DAMAGE, problem: "the line at byte 100 cannot be read" });
    assert.deepEqual([damages(), told], [[DAMAGE], 1]);
  });

  it("tells what else is lost by a file that was damaged before", () => {
    const more = { ...DAMAGE, keptAs: DAMAGE.file, consequence: "The webhooks that cannot be read are lost." };
    const again = { ...DAMAGE, keptAs: `${DAMAGE.file}.damaged-later` };
    for (const damage of [DAMAGE, more, again]) condition.damaged(damage);
    assert.deepEqual([damages(), told], [[DAMAGE, more, again], 3]);
  });

  it("tells under which name a file is kept when it could be moved only later", () => {
    const other = { ...DAMAGE, file: "/store/notifications.json", keptAs: "/store/notifications.json" };
    for (const damage of [DAMAGE, other]) condition.damaged(damage);
    condition.keptAside(other.file, "/store/notifications.json.damaged-then");
    condition.keptAside(DAMAGE.file, "/store/journal/00000001.jsonl.damaged-later");
    assert.deepEqual(
      damages().map(({ keptAs }) => keptAs),
      [DAMAGE.keptAs, "/store/notifications.json.damaged-then"],
    );
    assert.equal(told, 3);
  });
});
