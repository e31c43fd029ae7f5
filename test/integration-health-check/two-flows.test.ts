import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../nodes/lib/store/open-store";
import { DEFAULT_STORE_SETTINGS } from "../../nodes/lib/store/store-settings";
import { EmbeddedRuntime, type FlowNode } from "../host/embedded-runtime";
import { comment, integration, node, probe, SECRET, tab } from "../host/flows";
import { Receiver } from "../host/receiver";

const ROUNDS = 1_000;
/** As many entries as the audit keeps. */
const AUDITED = 200;
const OWNERS = ["ada@example.com", "grace@example.com", "linus@example.com"];
const FLOWS = ["left", "right"];

describe("two flows in one runtime that send to the same integration", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;

  before(async () => {
    receiver = await Receiver.listen();
    runtime = await EmbeddedRuntime.start();
  });
  after(async () => {
    await runtime.stop();
    await receiver.close();
  });

  const flow = (name: string): FlowNode[] => {
    const change = [`notify-${name}`];
    return [
      tab(name),
      node(`build-${name}`, "comment-webhook-build", name, [[`send-${name}`]]),
      node(`send-${name}`, "webhook-send", name, [[`track-${name}`], [`track-${name}`], [`track-${name}`]]),
      node(`track-${name}`, "error-tracker", name, [[`check-${name}`], []]),
      node(
        `check-${name}`,
        "integration-health-check",
        name,
        [[], change, [...change, `disabled-${name}`], [...change, `active-${name}`]],
        { rules: [{ rule: "consecutive", count: 2 }], warnAt: 1, minWarning: 0 },
      ),
      ...[probe(`disabled-${name}`, name), probe(`active-${name}`, name)],
      node(`notify-${name}`, "notify-owners", name, [["told"]], { mailer: "mailer" }),
      node(`complete-${name}`, "complete", name, [["notified"]], { scope: [`notify-${name}`] }),
    ];
  };

  it(`disables and enables it once, and tells each owner once, ${ROUNDS} times over`, async () => {
    const properties = { owners: OWNERS, retries: "none", ordered: false };
    await runtime.deploy(
      [
        ...FLOWS.flatMap(flow),
        integration("hooks", receiver.url, properties),
        { id: "mailer", type: "owner-mailer", name: "Mail", transport: "folder", folder: "mails" },
        tab("told"),
        ...[probe("told", "told"), probe("notified", "told")],
      ],
      { hooks: { secret: SECRET } },
    );
    const folder = join(runtime.userDir, "mails");

    for (let round = 1; round <= ROUNDS; round++) {
      const answer = receiver.hold();
      for (const name of FLOWS) runtime.send(`build-${name}`, { payload: comment(`${name}-${round}`) });
      await Promise.all(FLOWS.map(() => receiver.next()));
      answer(500);
      // Whoever sees the second failure disables; the other may learn of it only with the next message.
      const disabled = await runtime.nextOne("told");
      assert.equal((disabled.notification as { kind: string }).kind, "disabled");
      for (const name of FLOWS) runtime.send(`check-${name}`, { integration: "hooks", topic: "enable", by: "Ada" });
      for (const name of FLOWS) {
        await runtime.nextOne(`disabled-${name}`);
        await runtime.nextOne(`active-${name}`);
      }
      const enabled = await runtime.nextOne("told");
      const { kind, recipients } = enabled.notification as { kind: string; recipients: { address: string }[] };
      assert.equal(kind, "active");
      assert.deepEqual(recipients.map(({ address }) => address).sort(), OWNERS);
      await runtime.next("notified", 2 * FLOWS.length);

      const mails = readdirSync(folder);
      assert.equal(mails.length, 2 * OWNERS.length);
      for (const mail of mails) rmSync(join(folder, mail));
      for (const probed of ["told", "notified"]) assert.deepEqual(runtime.arrived(probed), [], probed);
    }
    await runtime.leave();
    const store = await openStore({
      path: join(runtime.userDir, "comment-webhooks"),
      settings: DEFAULT_STORE_SETTINGS,
    });
    const { audit, status, revision } = await store.state("hooks");
    await store.close();
    assert.equal(status, "active");
    assert.equal(revision, 2 * ROUNDS, "each change is written once");
    assert.deepEqual(
      audit.map(({ action }) => action),
      Array.from({ length: AUDITED / 2 }, () => ["disabled", "enabled"]).flat(),
    );
  }).timeout(600_000);
});
