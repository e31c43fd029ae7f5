import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readTimestamp } from "../../../nodes/lib/comment/timestamp";

describe("readTimestamp", () => {
  const read: [given: unknown, iso: string][] = [
    ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000Z"],
    ["2022-03-02T21:51:44.118160Z", "2022-03-02T21:51:44.118Z"],
    ["2022-03-02t21:51:44,9z", "2022-03-02T21:51:44.900Z"],
    ["2015-05-17 18:08:09 UTC", "2015-05-17T18:08:09.000Z"],
    ["2026-11-23T01:30:00+05:30", "2026-11-22T20:00:00.000Z"],
    ["2026-12-31T20:00:00-0800", "2027-01-01T04:00:00.000Z"],
    ["2024-02-29T00:00Z", "2024-02-29T00:00:00.000Z"],
    ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
    [1_795_428_000_000, "2026-11-23T10:00:00.000Z"],
    [new Date("2026-11-23T10:00:00Z"), "2026-11-23T10:00:00.000Z"],
  ];
  for (const [given, iso] of read) {
    it(`reads ${given instanceof Date ? "a Date" : JSON.stringify(given)}`, () => {
      assert.equal(readTimestamp(given), iso);
    });
  }

  it("refuses days and times that do not exist", () => {
    for (const time of [
      "2026-02-29T00:00:00Z",
      "2026-04-31T00:00:00Z",
      "2026-00-01T00:00:00Z",
      "2026-13-01T00:00:00Z",
      "2026-01-00T00:00:00Z",
      "2026-01-01T24:00:00Z",
      "2026-01-01T00:60:00Z",
      "2026-01-01T00:00:60Z",
      "2026-01-01T00:00:00+24:00",
    ]) {
      assert.equal(readTimestamp(time), undefined, time);
    }
  });

  it("refuses what does not say its zone, and what is too early or too late to be meant", () => {
    for (const time of [
      "2026-11-23T10:00:00",
      "2026-11-23",
      "1969-12-31T23:59:59Z",
      "1970-01-01T00:00:00+01:00",
      "9999-12-31T23:59:59-01:00",
      "+010000-01-01T00:00:00Z",
      1_795_428_000,
      1e300,
    ]) {
      assert.equal(readTimestamp(time), undefined, `${time}`);
    }
  });

  it("refuses everything else", () => {
    for (const time of [null, undefined, "", "now", true, {}, [], Number.NaN, 1.5e12 + 0.5, new Date(Number.NaN), 5n]) {
      assert.equal(readTimestamp(time), undefined, `${time}`);
    }
  });
});
