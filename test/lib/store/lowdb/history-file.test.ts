import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { HistoryFile, type LineChoice } from "../../../../nodes/lib/store/lowdb/history-file";
import { seededRandom } from "../../../fixtures/seeded-random";

const MB = 1_024 * 1_024;

/** Lines of any length, some longer than what is read in one go. */
function madeUpLines(bytes: number): string[] {
  const random = seededRandom(3);
  const lines: string[] = [];
  for (let left = bytes; left > 0; ) {
    const length = Math.floor(random() ** 8 * 600_000);
    const line = `${lines.length} ${"ü".repeat(length / 2)}`;
    lines.push(line);
    left -= Buffer.byteLength(line) + 1;
  }
  return lines;
}

const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");

/** Every other line stays. */
function everyOther(): LineChoice {
  return { show: () => undefined, stays: () => (index) => index % 2 === 1 };
}

const all = (): LineChoice => ({ show: () => undefined, stays: () => () => true });

describe("lowdb store: a file of history", () => {
  let folder: string;
  let place: string;
  let file: HistoryFile;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "store-"));
    place = path.join(folder, "archive.jsonl");
    file = new HistoryFile(place, false);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  const read = () => file.read((line) => line);

  /** How many turns others have while something is done. */
  const turnsDuring = async (work: () => Promise<unknown>) => {
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await work();
    isDone = true;
    return turns;
  };

  it("reads what was written, lines longer than what is read in one go too", async () => {
    const lines = madeUpLines(4 * MB);
    assert.ok(lines.some((line) => Buffer.byteLength(line) > 300_000));
    const grown = await file.append(lines, all);
    assert.equal(grown, fs.statSync(place).size);
    assert.deepEqual(await read(), lines);
  });

  it("keeps the newest lines that fit, to the byte", async () => {
    const lines = madeUpLines(2 * MB);
    fs.writeFileSync(place, textOf(lines));
    const newest = lines.slice(-20);
    const bytes = Buffer.byteLength(textOf(newest));
    const copy = fs.readFileSync(place);
    assert.equal(await file.keepNewest(bytes), bytes);
    assert.deepEqual(await read(), newest);
    fs.writeFileSync(place, copy);
    await file.keepNewest(bytes - 1);
    assert.deepEqual(await read(), newest.slice(1));
    assert.equal(await file.keepNewest(10 * MB), fs.statSync(place).size);
    assert.deepEqual(await read(), newest.slice(1));
    assert.equal(await file.keepNewest(0), 0);
    assert.deepEqual(await read(), []);
  });

  it("drops what was not chosen when it has doubled, in order", async () => {
    const lines = madeUpLines(2 * MB);
    const grown = await file.append(lines, everyOther);
    const kept = lines.filter((_, index) => index % 2 === 1);
    assert.deepEqual(await read(), kept);
    assert.equal(grown, fs.statSync(place).size);
    assert.equal(await file.append(["one more"], everyOther), 9);
    assert.deepEqual(await read(), [...kept, "one more"]);
    assert.deepEqual(fs.readdirSync(folder), ["archive.jsonl"]);
  });

  it("lets others have their turns while much is written and cut down", async () => {
    const lines = madeUpLines(8 * MB);
    assert.ok((await turnsDuring(() => file.append(lines, everyOther))) >= 8);
    fs.writeFileSync(place, textOf(lines));
    assert.ok((await turnsDuring(() => file.keepNewest(4 * MB))) >= 8);
  });

  it("asks for the lines that it writes only as it writes them", async () => {
    let asked = 0;
    function* lines(): Generator<string> {
      for (; asked < 40; asked++) yield "x".repeat(100_000);
    }
    let most = 0;
    const { writeFileSync } = fs;
    let before = 0;
    Object.assign(fs, {
      writeFileSync: (...given: unknown[]) => {
        most = Math.max(most, asked - before);
        before = asked;
        return Reflect.apply(writeFileSync, fs, given);
      },
    });
    try {
      await file.append(lines(), all);
    } finally {
      Object.assign(fs, { writeFileSync });
    }
    assert.equal((await read()).length, 40);
    assert.ok(most <= 3, `${most} lines at once`);
  });
});
