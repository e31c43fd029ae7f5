import fs from "node:fs";
import { DeliveryEngine } from "../../../../nodes/lib/delivery/delivery-engine";
import { NotAcceptedError } from "../../../../nodes/lib/delivery/outbox";
import { createTransport } from "../../../../nodes/lib/delivery/undici-transport";
import { openStore } from "../../../../nodes/lib/store/open-store";
import { systemClock } from "../../../../nodes/lib/time/clock";
import { type DeathAtDisk, dieAtDisk } from "./death-at-disk";
import { bodyOf, INTEGRATIONS, integrationFor, STORE_SETTINGS, webhookOf } from "./killed-load";

/** What a sender is to do. */
export interface SenderTask {
  /** Of the store. */
  folder: string;
  /** Of the receiver; the integration's id comes behind it. */
  url: string;
  /** Number of the first webhook to accept. */
  from: number;
  /** Number after the last one. */
  to: number;
  /** How it is to die by its own hand, or null. */
  death: DeathAtDisk | null;
}

/** Accepting goes on while fewer wait. */
const MOST_WAITING = 300;
const ACCEPTED_AT_ONCE = 20;

const { writeSync } = fs;
const tick = new Int32Array(new SharedArrayBuffer(4));
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Written at once, so that it is not lost with the process. The stop tells a whole line from one that was cut off. */
function say(words: string): void {
  const bytes = Buffer.from(`${words}.\n`);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      // The listener is behind.
      Atomics.wait(tick, 0, 0, 1);
    }
  }
}

/**
 * A process that accepts webhooks and sends them, until it is killed or its input ends. Says "opening", "open",
 * "accepted 7" when it has acknowledged webhook 7, "settled 7" when an attempt of it is settled on disk, and "idle" when
 * nothing waits any more.
 */
async function main({ folder, url, from, to, death }: SenderTask): Promise<void> {
  if (death !== null) dieAtDisk(death);
  say("opening");
  // No chance: what fell due while no process ran is sent at once.
  const store = await openStore({ path: folder, settings: STORE_SETTINGS, random: () => 0 });
  say("open");
  const transport = createTransport();
  const live = new Map(INTEGRATIONS.map((id) => [id as string, integrationFor(id, `${url}/${id}`)]));
  const directory = {
    get: (id: string) => live.get(id),
    unseal: () => {
      throw new Error("none is sealed");
    },
    list: () => [...live.values()],
    onChange: () => () => undefined,
  };
  const engine = new DeliveryEngine({ store, directory, transport, clock: systemClock, random: Math.random });
  engine.attach("sender", ({ delivery }) => say(`settled ${JSON.parse(delivery.body).index}`));
  engine.start();
  const accept = async (index: number): Promise<void> => {
    const webhook = { ...webhookOf(index), event: "comment.created", body: bodyOf(index) } as const;
    try {
      await engine.accept(webhook, JSON.stringify(webhook.body), { node: "sender", msgid: "m" });
    } catch (error) {
      if (!(error instanceof NotAcceptedError)) throw error;
      // The store is full until some have gone out.
      await soon();
      return await accept(index);
    }
    say(`accepted ${index}`);
  };
  const waiting = () => store.lanes().reduce((sum, lane) => sum + lane.waiting, 0);
  for (let index = from; index < to; index += ACCEPTED_AT_ONCE) {
    const count = Math.min(ACCEPTED_AT_ONCE, to - index);
    await Promise.all(Array.from({ length: count }, (_, offset) => accept(index + offset)));
    while (waiting() >= MOST_WAITING) await soon();
  }
  while (waiting() > 0) await soon();
  say("idle");
  process.stdin.resume().on("end", async () => {
    await engine.stop(1_000);
    await transport.close();
    await store.close();
  });
}

void main(JSON.parse(process.argv[2] ?? ""));
