import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { DeliveryEngine } from "../../nodes/lib/delivery/delivery-engine";
import type { TransportResult } from "../../nodes/lib/delivery/transport";
import { parseIntegration } from "../../nodes/lib/integration/parse-integration";
import type { OutgoingMail } from "../../nodes/lib/notify/owner-mailer";
import { openStore } from "../../nodes/lib/store/open-store";
import type { Store } from "../../nodes/lib/store/store";
import { DEFAULT_STORE_SETTINGS } from "../../nodes/lib/store/store-settings";
import { FakeClock } from "../fixtures/fake-clock";
import { seededRandom } from "../fixtures/seeded-random";
import { directoryOf } from "./directory-of";
import { Flow } from "./flow";
import { type Call, resultOf, ScriptedTransport } from "./scripted-transport";
import { Stillness } from "./stillness";

const ROUNDS = 1_000;
const OWNERS = ["ada@example.com", "grace@example.com", "linus@example.com"];
const HEALTH = { rules: [{ rule: "consecutive", count: 2 }], warnAt: 1, minWarning: 0 };

describe("two flows in one process that decide on the same integration at the same moment", () => {
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "cw-two-flows-"));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it(`disable and enable it once each, and tell each owner once, ${ROUNDS} times over`, async function () {
    this.timeout(120_000);
    const clock = new FakeClock();
    const random = seededRandom(2);
    const stillness = new Stillness();
    const properties = { id: "shop", url: "https://shop.example/hooks", owners: OWNERS, retries: "none" };
    const spec = parseIntegration(properties, "shop");
    const secrets = { secret: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", previousSecret: "", headers: {} };
    const integrations = new Map([[spec.id, { spec, secrets, tls: null, proxy: null }]]);
    const calls: Call[] = [];
    const mails: OutgoingMail[] = [];
    const failures: Error[] = [];
    const mailer = {
      send: async (mail: OutgoingMail) => {
        mails.push(mail);
        return { accepted: true } as const;
      },
      close: async () => undefined,
    };
    const opened = await openStore({ path: folder, settings: DEFAULT_STORE_SETTINGS, clock, random });
    const watched = stillness.watch(opened);
    let beaten = 0;
    const transition: Store["transition"] = async (...change) => {
      const written = await watched.transition(...change);
      if (written === null) beaten += 1;
      return written;
    };
    const store = new Proxy(watched, {
      get: (target, key) => (key === "transition" ? transition : Reflect.get(target, key)),
    });
    const transport = new ScriptedTransport((call) => calls.push(call));
    const engine = new DeliveryEngine({ store, directory: directoryOf(integrations), transport, clock, random });
    const told: string[][] = [];
    const flows = ["one", "other"].map((name, index) => {
      let episodes = 0;
      return new Flow({
        ...{ name, health: HEALTH, store, engine, integrations, mailer, clock, random, stillness },
        newEpisodeId: () => `${name}-${++episodes}`,
        reported: () => undefined,
        changed: (_, { to }) => told[index]?.push(to) !== undefined,
        failed: (error) => failures.push(error),
      });
    });
    for (const flow of flows) await flow.start();
    engine.start();

    for (let round = 0; round < ROUNDS; round++) {
      told.splice(0, told.length, [], []);
      const before = (await store.state("shop")).revision;
      // Each flow sends a webhook; both fail at the same moment, which breaks the rule.
      for (const { sender } of flows) {
        const id = `msg_${sender.replace("-", "")}${round}`;
        const webhook = { id, event: "comment.created", integration: "shop", orderKey: id, body: {} } as const;
        await engine.accept(webhook, "{}", { node: sender, msgid: id });
      }
      await stillness.still();
      const failed: TransportResult = resultOf("5xx", clock.now(), random);
      assert.equal(calls.length, 2);
      for (const { answer } of calls.splice(0)) answer(failed);
      await stillness.still();
      // Two people enable it at the same moment, one in each flow.
      await Promise.all(flows.map((flow) => flow.command("shop", "enable", "Ada")));
      await stillness.still();
      clock.advance(60_000);

      const { status, revision, audit, transitions } = await store.state("shop");
      assert.equal(status, "active");
      assert.equal(revision - before, 2, "one change each");
      assert.deepEqual(
        audit.slice(-2).map(({ action, by }) => [action, by]),
        [
          ["disabled", "rule consecutive"],
          ["enabled", "Ada"],
        ],
      );
      assert.deepEqual(told, [
        ["disabled", "active"],
        ["disabled", "active"],
      ]);
      assert.equal(new Set(transitions.slice(-2).map(({ episode }) => episode)).size, 1);
      assert.equal(audit.length, Math.min(200, 2 * (round + 1)));
      assert.deepEqual(
        mails
          .splice(0)
          .map(({ to, kind }) => `${kind} ${to}`)
          .sort(),
        ["active", "disabled"].flatMap((kind) => OWNERS.map((owner) => `${kind} ${owner}`)),
      );
    }
    assert.equal(beaten, 2 * ROUNDS, "each change was decided by both, and written for one");
    assert.deepEqual(failures, []);
    await Promise.all([engine.stop(0), ...flows.map((flow) => flow.stop())]);
    await opened.close();
  });
});
