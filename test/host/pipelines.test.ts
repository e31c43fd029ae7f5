import assert from "node:assert/strict";
import { FlowCycle } from "../../nodes/host/flow-cycle";
import type { Pipeline } from "../../nodes/host/pipeline";
import { Pipelines } from "../../nodes/host/pipelines";
import { FakeClock } from "../fixtures/fake-clock";
import { FlowEvents } from "./flow-events";

const CLOSE_TIMEOUT_MS = 15_000;

/** A place where pipelines are only opened and closed; each step is noted. */
function place() {
  const events = new FlowEvents();
  const clock = new FakeClock(0);
  const steps: string[] = [];
  let opened = 0;
  const world = { settings: "a", failure: null as Error | null };
  const pipelines = new Pipelines({
    cycle: new FlowCycle(events),
    clock,
    async open(path) {
      if (world.failure) throw world.failure;
      const name = `${path}#${++opened}`;
      steps.push(`open ${name}`);
      const pipeline: Partial<Pipeline> = {
        start: () => steps.push(`start ${name}`),
        async stop(graceMs) {
          steps.push(`stop ${name} within ${graceMs}`);
        },
        async close() {
          steps.push(`close ${name}`);
        },
      };
      return pipeline as Pipeline;
    },
    settingsOf: () => world.settings,
    closeTimeoutMs: CLOSE_TIMEOUT_MS,
  });
  return { events, clock, steps, world, pipelines };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("pipelines", () => {
  it("are opened once for all nodes, when all flows run", async () => {
    const { events, steps, pipelines } = place();
    const first = pipelines.lease("/s");
    const second = pipelines.lease("/s");
    const early = first.pipeline();
    await settled();
    assert.deepEqual(steps, []);
    events.started();
    assert.equal(await early, await second.pipeline());
    assert.deepEqual(steps, ["open /s#1", "start /s#1"]);
  });

  it("are shown to those who watch before they send", async () => {
    const { events, steps, pipelines } = place();
    pipelines.watch((path, { state }) => void steps.push(`${path} ${state}`));
    pipelines.lease("/s");
    events.started();
    await settled();
    assert.deepEqual(steps, ["/s opening", "open /s#1", "/s open", "start /s#1"]);
  });

  it("outlive a deploy that replaces all nodes", async () => {
    const { events, steps, pipelines } = place();
    const old = pipelines.lease("/s");
    events.started();
    await settled();
    events.deploying();
    await old.release();
    const successor = pipelines.lease("/s");
    events.started();
    await successor.pipeline();
    assert.deepEqual(steps, ["open /s#1", "start /s#1"]);
  });

  it("close when a deploy leaves no node that needs them", async () => {
    const { events, steps, pipelines, clock } = place();
    const old = pipelines.lease("/s");
    events.started();
    await settled();
    events.deploying();
    await old.release();
    events.started();
    await settled();
    assert.deepEqual(steps.slice(2), ["stop /s#1 within 10000", "close /s#1"]);
    assert.equal(clock.timers, 0);
  });

  it("close by themselves when a deploy never starts again", async () => {
    const { events, steps, pipelines, clock } = place();
    const old = pipelines.lease("/s");
    events.started();
    await settled();
    events.deploying();
    await old.release();
    clock.advance(2 * CLOSE_TIMEOUT_MS);
    await settled();
    assert.deepEqual(steps.slice(2), ["stop /s#1 within 10000", "close /s#1"]);
  });

  it("stop to send at once when the flows stop for good, and are closed by the last node, which waits for it", async () => {
    const { events, steps, pipelines } = place();
    const first = pipelines.lease("/s");
    const last = pipelines.lease("/s");
    events.started();
    await settled();
    events.stopping();
    assert.deepEqual(steps.slice(2), ["stop /s#1 within 10000"]);
    await first.release();
    assert.equal(steps.length, 3);
    await last.release();
    assert.deepEqual(steps.slice(2), ["stop /s#1 within 10000", "close /s#1"]);
  });

  it("wait for those who watch before they let go of the store", async () => {
    const { events, steps, pipelines } = place();
    pipelines.watch(async (_path, { state }) => {
      if (state !== "closed") return;
      await settled();
      steps.push("mails are stopped");
    });
    const lease = pipelines.lease("/s");
    events.started();
    await settled();
    events.stopping();
    await lease.release();
    assert.deepEqual(steps.slice(2), ["stop /s#1 within 10000", "mails are stopped", "close /s#1"]);
  });

  it("are opened anew when the settings of their store have changed", async () => {
    const { events, steps, pipelines, world } = place();
    const lease = pipelines.lease("/s");
    events.started();
    await settled();
    world.settings = "b";
    events.deploying();
    events.started();
    await lease.pipeline();
    assert.deepEqual(steps.slice(2), ["stop /s#1 within 10000", "close /s#1", "open /s#2", "start /s#2"]);
  });

  it("tell why they cannot be opened, and are opened as soon as they can", async () => {
    const { events, steps, pipelines, world, clock } = place();
    world.failure = new Error("the folder is in use");
    const lease = pipelines.lease("/s");
    events.started();
    await assert.rejects(lease.pipeline(), /the folder is in use/);
    clock.advance(5_000);
    await assert.rejects(lease.pipeline(), /the folder is in use/);
    world.failure = null;
    clock.advance(5_000);
    await lease.pipeline();
    assert.deepEqual(steps, ["open /s#1", "start /s#1"]);
    await lease.release();
    assert.equal(clock.timers, 0);
  });

  it("stop trying to open when no node needs them any more", async () => {
    const { events, pipelines, world, clock } = place();
    world.failure = new Error("the folder is in use");
    const lease = pipelines.lease("/s");
    events.started();
    await assert.rejects(lease.pipeline());
    events.stopping();
    await lease.release();
    assert.equal(clock.timers, 0);
  });
});
