import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { seededRandom } from "../../../fixtures/seeded-random";
import { openAt } from "../../store/lowdb/lowdb-files";
import { listening, type Receiver } from "../receiver";
import { CONCURRENCY, DELIVERIES, INTEGRATIONS, webhookOf } from "./killed-load";

const SENDER = path.join(__dirname, "sender.ts");
const KILLS = 6;

describe("a sender that is killed again and again", function () {
  this.timeout(60_000);
  let folder: string;
  let receiver: Receiver;
  /** Numbers of the webhooks as they came, by integration and key; with what was answered. */
  const arrivals = new Map<string, { index: number; ok: boolean }[]>();
  let answered = 0;
  let onAnswer: () => void = () => {};

  before(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "store-"));
    const random = seededRandom(3);
    receiver = await listening(
      createServer((request, response) => {
        let text = "";
        request.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        request.on("end", () => {
          const { index } = JSON.parse(text);
          const { integration, orderKey } = webhookOf(index);
          const key = `${integration} ${orderKey}`;
          const ok = random() > 0.1;
          arrivals.set(key, [...(arrivals.get(key) ?? []), { index, ok }]);
          response.writeHead(ok ? 200 : 500).end("thanks");
          answered += 1;
          onAnswer();
        });
      }),
    );
  });
  after(async () => {
    await receiver.close();
    await fs.rm(folder, { recursive: true, force: true });
  });

  /** Runs a sender until `killAt` answers were given, or to its end if null. Returns the number from which the next goes on. */
  async function run(from: number, killAt: number | null): Promise<number> {
    const args = ["--import", "tsx", SENDER, folder, String(receiver.port), String(from)];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "exit");
    let next = from;
    onAnswer = () => {
      if (killAt !== null && answered >= killAt) child.kill("SIGKILL");
    };
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === "idle") child.stdin.end();
      else next = Number(line) + 1;
    }
    const [code, signal] = await ended;
    assert.deepEqual([code, signal], killAt === null ? [0, null] : [null, "SIGKILL"]);
    return next;
  }

  it("loses nothing, keeps the order within a key, sends little twice and counts each attempt once", async () => {
    const chance = seededRandom(5);
    let from = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      from = await run(from, answered + Math.floor((DELIVERIES / (KILLS + 1)) * (0.4 + 0.8 * chance())));
    }
    await run(from, null);

    const delivered = new Map<number, number>();
    let failures = 0;
    for (const [key, inOrder] of arrivals) {
      let last = -1;
      for (const { index, ok } of inOrder) {
        assert.ok(index >= last, `${key}: ${index} after ${last}`);
        last = index;
        if (ok) delivered.set(index, (delivered.get(index) ?? 0) + 1);
        else failures += 1;
      }
    }
    const lost = Array.from({ length: DELIVERIES }, (_, index) => index).filter((index) => !delivered.has(index));
    assert.deepEqual(lost, []);
    const duplicates = [...delivered.values()].reduce((sum, times) => sum + times - 1, 0);
    const most = KILLS * INTEGRATIONS.length * CONCURRENCY;
    assert.ok(duplicates <= most, `${duplicates} sent twice, at most ${most} were in flight at the kills`);

    const store = await openAt(folder);
    const states = await Promise.all(INTEGRATIONS.map((each) => store.state(each)));
    await store.close();
    const days = states.flatMap(({ history }) => history.days);
    const count = (key: "success" | "http5xx") => days.reduce((sum, day) => sum + day[key], 0);
    assert.equal(count("success"), DELIVERIES);
    assert.ok(
      count("http5xx") <= failures && count("http5xx") >= failures - most,
      `${count("http5xx")} of ${failures}`,
    );
    console.log(`      ${KILLS} kills: ${duplicates} of ${DELIVERIES} came twice, ${failures} attempts failed`);
  });
});
