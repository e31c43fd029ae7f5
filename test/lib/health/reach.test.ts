import assert from "node:assert/strict";
import { isOwnOutage, RecentContacts } from "../../../nodes/lib/health/reach";
import { HOUR_MS, MINUTE_MS } from "../../../nodes/lib/time/utc-day";
import { november } from "./told-history";

const NOON = november("10 12:00");

describe("our own outage", () => {
  it("is likely from 80 % of at least 5 active integrations without an answer", () => {
    const cases: [active: number, withoutAnswer: number, outage: boolean][] = [
      [4, 4, false],
      [5, 3, false],
      [5, 4, true],
      [10, 7, false],
      [10, 8, true],
      [1_000, 799, false],
      [1_000, 800, true],
      [0, 0, false],
    ];
    for (const [active, withoutAnswer, expected] of cases) {
      assert.equal(isOwnOutage({ active, withoutAnswer }), expected, `${withoutAnswer} of ${active}`);
    }
  });
});

describe("who answered of late", () => {
  it("is who did within five minutes, of those that were tried within them", () => {
    const contacts = new RecentContacts();
    contacts.note("a", NOON, true);
    contacts.note("b", NOON + 1, true);
    contacts.note("b", NOON + MINUTE_MS, false);
    contacts.note("c", NOON + 2 * MINUTE_MS, false);
    contacts.note("d", NOON + 4 * MINUTE_MS, true);
    assert.deepEqual(contacts.reach(NOON + 5 * MINUTE_MS - 1), { active: 4, withoutAnswer: 1 });
    assert.deepEqual(contacts.reach(NOON + 5 * MINUTE_MS), { active: 3, withoutAnswer: 1 });
    assert.deepEqual(contacts.reach(NOON + 5 * MINUTE_MS + 1), { active: 3, withoutAnswer: 2 });
  });

  it("reaches back to the last answer of anyone", () => {
    const contacts = new RecentContacts();
    contacts.note("a", NOON, true);
    for (const [hour, integration] of ["b", "c", "d"].entries()) {
      contacts.note(integration, NOON + (hour + 1) * HOUR_MS, false);
    }
    assert.deepEqual(contacts.reach(NOON + 9 * HOUR_MS), { active: 3, withoutAnswer: 3 });
    contacts.note("a", NOON + 10 * HOUR_MS, true);
    assert.deepEqual(contacts.reach(NOON + 10 * HOUR_MS), { active: 1, withoutAnswer: 0 });
  });

  it("does not ask those that are to be forgotten", () => {
    const contacts = new RecentContacts();
    contacts.note("a", NOON, true);
    contacts.note("b", NOON, false);
    contacts.forget("b");
    assert.deepEqual(contacts.reach(NOON), { active: 1, withoutAnswer: 0 });
    contacts.forget("a");
    assert.deepEqual(contacts.reach(NOON), { active: 0, withoutAnswer: 0 });
  });
});
