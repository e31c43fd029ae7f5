import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { seededRandom } from "../../../fixtures/seeded-random";
import { openAt } from "../../store/lowdb/lowdb-files";
import { listening, type Receiver } from "../receiver";
import type { DiskWork } from "./death-at-disk";
import { INTEGRATIONS } from "./killed-load";
import type { SenderTask } from "./sender";
import { Witness } from "./witness";

/** `KILLS=full` is the whole case; without it a smaller one is tried. */
const IS_FULL = process.env.KILLS === "full";
const KILLS = IS_FULL ? 50 : 7;
const DELIVERIES = IS_FULL ? 20_000 : 2_000;

const SENDER = path.join(__dirname, "sender.ts");

/** When a sender is killed: as it is seen to do something once more, some time after it began, or by its own hand. */
type Moment =
  | { during: "request" | "answer" | "accepting"; count: number }
  | { during: "start"; afterMs: number }
  | { during: DiskWork; count: number; share: number };

const MOMENTS = ["request", "answer", "accepting", "start", "flush", "checkpoint", "drop"] as const;
/** Steps of work at the disk that a sender comes to do: a checkpoint writes and renames a dozen files or so. */
const MOST_STEPS: Record<DiskWork, number> = { flush: 50, checkpoint: 16, drop: 2 };

describe("a sender that is killed again and again", function () {
  this.timeout(IS_FULL ? 600_000 : 60_000);
  const chance = seededRandom(5);
  const witness = new Witness();
  const accepted = new Set<number>();
  const met = new Set<Moment["during"]>();
  const sockets = new Set<Socket>();
  let folder: string;
  let receiver: Receiver;
  let runs = 0;
  let openingMs = 50;
  let onSeen: (what: Moment["during"]) => void = () => {};

  before(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "store-"));
    const server = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        const run = Number(request.url?.split("/")[1]);
        const isTaken = witness.arrived(run, indexIn(text));
        onSeen("request");
        response.writeHead(isTaken ? 200 : 500).end("thanks");
        onSeen("answer");
      });
    });
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    receiver = await listening(server);
  });
  after(async () => {
    await receiver.close();
    await fs.rm(folder, { recursive: true, force: true });
  });

  function momentOf(kill: number): Moment {
    const during = MOMENTS[kill % MOMENTS.length] ?? "request";
    // Such that about the same number is left for each of the senders to come.
    const share = (DELIVERIES - accepted.size) / (KILLS - kill + 1);
    switch (during) {
      case "request":
      case "answer":
      case "accepting":
        return { during, count: Math.ceil(2 * share * chance()) };
      case "start":
        return { during, afterMs: 1.3 * openingMs * chance() };
      default:
        return { during, count: Math.ceil(MOST_STEPS[during] * chance()), share: chance() };
    }
  }

  /** Runs a sender until it is killed, or to its end if `moment` is null. */
  async function run(moment: Moment | null): Promise<void> {
    const number = runs++;
    let from = 0;
    while (accepted.has(from)) from += 1;
    const url = `http://127.0.0.1:${receiver.port}/${number}`;
    const death = moment !== null && "share" in moment ? moment : null;
    const task: SenderTask = { folder, url, from, to: DELIVERIES, death };
    const args = ["--import", "tsx", SENDER, JSON.stringify(task)];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    const closed = once(child, "close");
    const kill = () => child.kill("SIGKILL");
    let timer: NodeJS.Timeout | undefined;
    let openedAt = 0;
    let seen = 0;
    let isIdle = false;
    onSeen = (what) => {
      if (what !== moment?.during || !("count" in moment)) return;
      seen += 1;
      if (seen === moment.count) kill();
    };
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, word, webhook] = /^(\w+)(?: (\d+))?\.$/.exec(line) ?? [];
      switch (word) {
        case "opening":
          openedAt = performance.now();
          if (moment?.during === "start") timer = setTimeout(kill, moment.afterMs);
          break;
        case "open":
          openingMs = performance.now() - openedAt;
          break;
        case "accepted":
          accepted.add(Number(webhook));
          onSeen("accepting");
          break;
        case "settled":
          witness.settled(number, Number(webhook));
          break;
        case "idle":
          isIdle = true;
          // Whoever has not come to the moment by now never will.
          if (moment === null) child.stdin.end();
          else kill();
      }
    });
    assert.deepEqual(await closed, moment === null ? [0, null] : [null, "SIGKILL"]);
    clearTimeout(timer);
    if (moment !== null && !isIdle) met.add(moment.during);
    // What it had sent last may be read only now.
    await Promise.all(Array.from(sockets, (socket) => new Promise((resolve) => socket.once("close", resolve))));
  }

  it("loses nothing, keeps the order within a key, repeats only what was in flight and counts each attempt once", async () => {
    for (let kill = 0; kill < KILLS; kill++) await run(momentOf(kill));
    await run(null);

    const { lost, outOfOrder, duplicates, unexcused, inFlight, refused, refusedInFlight } = witness.testify(DELIVERIES);
    const store = await openAt(folder);
    const states = await Promise.all(INTEGRATIONS.map((each) => store.state(each)));
    await store.close();
    const days = states.flatMap(({ history }) => history.days);
    const counted = (key: "success" | "http5xx") => days.reduce((sum, day) => sum + day[key], 0);
    const [successes, failures] = [counted("success"), counted("http5xx")];
    console.log(
      [
        `${KILLS} kills over ${DELIVERIES} deliveries: ${lost.length} lost, ${outOfOrder.length} out of order within a key`,
        `${inFlight} attempts in flight at the kills, ${duplicates} of them made again after they had been taken`,
        `counted: ${successes} successes of ${DELIVERIES}, ${failures} failures of ${refused}, of which ${refusedInFlight} were in flight`,
      ]
        .map((line) => `      ${line}`)
        .join("\n"),
    );
    assert.deepEqual(lost, []);
    assert.deepEqual(outOfOrder, []);
    assert.deepEqual(unexcused, []);
    assert.equal(successes, DELIVERIES);
    assert.ok(failures <= refused && failures >= refused - refusedInFlight);
    assert.deepEqual([...met].sort(), [...MOMENTS].sort(), "moments at which a sender was killed");
  });
});

function indexIn(body: string): number {
  const { index } = JSON.parse(body);
  return index;
}
