import fs from "node:fs";
import { DeliveryEngine } from "../../../../nodes/lib/delivery/delivery-engine";
import { createTransport } from "../../../../nodes/lib/delivery/undici-transport";
import { openStore } from "../../../../nodes/lib/store/open-store";
import { DEFAULT_STORE_SETTINGS } from "../../../../nodes/lib/store/store-settings";
import { systemClock } from "../../../../nodes/lib/time/clock";
import { DELIVERIES, INTEGRATIONS, integrationFor, webhookOf } from "./killed-load";

/**
 * A process that accepts webhooks from a number on and sends them, until it is killed or its input ends. Writes the number
 * of each accepted one to its output, then "idle" when nothing waits any more.
 */
async function main(folder: string, port: number, from: number): Promise<void> {
  const settings = { ...DEFAULT_STORE_SETTINGS, maxBytes: 4 * 1_024 * 1_024 };
  // No chance: what fell due while no process ran is sent at once.
  const store = await openStore({ path: folder, settings, random: () => 0 });
  const transport = createTransport();
  const live = new Map(INTEGRATIONS.map((id) => [id as string, integrationFor(id, port)]));
  const directory = {
    get: (id: string) => live.get(id),
    unseal: () => {
      throw new Error("none is sealed");
    },
    list: () => [...live.values()],
    onChange: () => () => undefined,
  };
  const engine = new DeliveryEngine({ store, directory, transport, clock: systemClock, random: Math.random });
  engine.start();
  // Pipes are written at once: what was said is not lost with the process.
  const say = (word: string) => fs.writeSync(1, `${word}\n`);
  const accept = async (index: number) => {
    const webhook = { ...webhookOf(index), event: "comment.created", body: { index } } as const;
    await engine.accept(webhook, JSON.stringify(webhook.body), { node: "sender", msgid: "m" });
    say(String(index));
  };
  for (let index = from; index < DELIVERIES; index += 20) {
    const batch = Array.from({ length: Math.min(20, DELIVERIES - index) }, (_, offset) => accept(index + offset));
    await Promise.all(batch);
  }
  const idle = () => store.lanes().every(({ waiting }) => waiting === 0);
  while (!idle()) await new Promise((resolve) => setTimeout(resolve, 5));
  say("idle");
  process.stdin.resume().on("end", async () => {
    await engine.stop(1_000);
    await transport.close();
    await store.close();
  });
}

const [folder = "", port, from] = process.argv.slice(2);
void main(folder, Number(port), Number(from));
