import type { Node, NodeAPI, NodeDef, NodeMessage, NodeStatus } from "node-red";
import { theIntegration, unknownTarget } from "../host/command-target";
import { configured } from "../host/configuration";
import { deliveryMessage } from "../host/delivery-message";
import { hostOf } from "../host/host";
import { onClose, onInput, type Send } from "../host/input";
import { integrationNamedIn } from "../host/message-integration";
import { NodePipelines } from "../host/node-pipelines";
import type { Pipeline } from "../host/pipeline";
import { shownName } from "../host/shown-name";
import { StatusLine } from "../host/status-line";
import { usableEntries } from "../host/usable-entries";
import { watchPipelines } from "../host/watch-pipelines";
import type { DeliveryReport } from "../lib/delivery/report";
import type { Transition } from "../lib/health/integration-ledger";
import { Prober } from "../lib/health/prober";
import type { StatusBoard } from "../lib/health/status-board";
import { systemClock } from "../lib/time/clock";
import { InvalidFieldsError, quoteValue } from "../lib/validation/invalid-fields-error";
import { nameOf, readHealthCommand } from "./commands";
import { countedOutcome } from "./counted-outcome";
import { type Finding, HealthCheck } from "./health-check";
import { healthMessages, retoldMessages } from "./health-messages";
import { changeStatus, standingStatus } from "./health-status";
import { readHealthSettings } from "./read-health-settings";

/** Marks the test events that the node sends of its own accord. */
const PROBE = { topic: "probe" };

export = (RED: NodeAPI): void => {
  const host = hostOf(RED);

  RED.nodes.registerType("integration-health-check", function (this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
    const settings = configured(RED, this, config, readHealthSettings);
    if (settings === undefined) return;
    const pipelines = new NodePipelines(host);
    const status = new StatusLine(this, systemClock);
    const health = new HealthCheck({
      settings,
      node: this.id,
      clock: systemClock,
      newEpisodeId: RED.util.generateId,
    });

    const boards = new Set<StatusBoard>();

    const standing = (): NodeStatus => {
      const entries = [...boards].flatMap((board) => usableEntries(this, board, host.integrations));
      const counted = entries.map(({ name, ...entry }) => ({
        name: shownName(name),
        standing: settings.mode === "dry-run" ? entry.dry : entry.real,
      }));
      const known = entries.every(({ integration }) => host.integrations.get(integration) !== undefined);
      return standingStatus(counted, known ? counted.length : null, settings.mode, (key, values) =>
        RED._(`integration-health-check.standing.${key}`, values),
      );
    };
    const showStanding = () => {
      if (boards.size > 0 && [...boards].every(({ loaded }) => loaded)) status.show(standing);
    };

    const showChange = (integration: string, transition: Transition | undefined) => {
      if (transition === undefined) return;
      const { key, ...look } = changeStatus(transition);
      const name = shownName(host.integrations.get(integration)?.spec.name ?? integration);
      status.announce({ ...look, text: RED._(`integration-health-check.status.${key}`, { integration: name }) });
    };

    const tell = (msg: NodeMessage, finding: Finding, send: Send) => {
      showChange(finding.state.integration, finding.news.at(-1));
      send(healthMessages(msg, finding, RED.util.cloneMessage));
      prober.look(finding.state);
    };

    const prober = new Prober({
      ...{ node: this.id, needed: settings.probe, everyMs: settings.probeEveryMs, clock: systemClock },
      state: async (integration) => (await pipelines.of(integration)).pipeline.store.state(integration),
      test: async (integration) => {
        const { pipeline, spec } = await pipelines.of(integration);
        const origin = { node: this.id, msgid: RED.util.generateId(), carry: PROBE };
        // One whose node was removed cannot be asked; it may come back.
        if (spec !== undefined) await pipeline.engine.test(integration, origin);
      },
      recovered: async (integration, generation, good) => {
        const { store } = (await pipelines.of(integration)).pipeline;
        const finding = await health.recovered(store, integration, generation, good);
        if (finding.news.length > 0) tell({ integration }, finding, (messages) => this.send(messages));
      },
      onError: (error) => this.error(error),
    });

    /** What was disabled before a restart or a deploy. */
    const probeAgain = async ({ store }: Pipeline) => {
      if (settings.probe === 0) return;
      for (const integration of await store.integrations()) prober.look(await store.state(integration));
    };

    /** What was decided before a restart or a deploy and has not led to a notification yet. */
    const tellAgain = async ({ store }: Pipeline) => {
      for (const { integration, transition } of await store.unclaimedTransitions(this.id)) {
        if (transition.at >= health.startedAt) continue;
        const finding = await health.afterOutcome(store, integration, null);
        this.send(retoldMessages(integration, transition, finding));
        if (finding.news.length > 0) tell({ integration }, finding, (messages) => this.send(messages));
      }
    };

    /** The answer to a test event: of `test-and-enable`, or of probing. */
    const testEnded = async ({ store }: Pipeline, report: DeliveryReport) => {
      if (report.result === "retrying") return;
      const { integration, origin, generation } = report.delivery;
      if (origin.carry?.topic === PROBE.topic) {
        await prober.answered(integration, generation, report.attempt?.outcome ?? null);
        return;
      }
      const finding =
        report.result === "delivered"
          ? await health.command(store, integration, "enable", nameOf(origin.carry?.by))
          : await health.afterOutcome(store, integration, null);
      const msg: NodeMessage = {
        ...origin.carry,
        _msgid: origin.msgid,
        integration,
        delivery: deliveryMessage(report),
      };
      tell(msg, finding, (messages) => this.send(messages));
    };

    const logged = (work: Promise<void>) => {
      work.catch((error: unknown) => this.error(error));
    };

    const unwatch = watchPipelines(host.pipelines, {
      opened: (pipeline) => {
        const callOff = host.cycle.whenRunning(() => {
          logged(tellAgain(pipeline));
          logged(probeAgain(pipeline));
        });
        const disconnect = pipeline.outlets.connect(this.id, (report) => logged(testEnded(pipeline, report)));
        const { board } = pipeline;
        boards.add(board);
        const unlisten = board.listen(showStanding);
        showStanding();
        return () => {
          callOff();
          disconnect();
          unlisten();
          boards.delete(board);
        };
      },
    });

    onInput(this, async (msg, send) => {
      const command = readHealthCommand(msg);
      if (command === null) {
        const integration = integrationOf(msg);
        const { store } = (await pipelines.of(integration)).pipeline;
        const { generation } = await store.state(integration);
        tell(msg, await health.afterOutcome(store, integration, countedOutcome(msg.delivery, generation)), send);
        return;
      }
      const { topic, by } = command;
      const integration = theIntegration(command.integration, host.integrations);
      const { pipeline, spec } = await pipelines.of(integration);
      if (spec === undefined && (await pipeline.store.state(integration)).revision === 0)
        throw unknownTarget(integration);
      if (topic === "test-and-enable") {
        await pipeline.engine.test(integration, { node: this.id, msgid: msg._msgid, carry: { by, topic } });
        return;
      }
      msg.integration = integration;
      tell(msg, await health.command(pipeline.store, integration, topic, by), send);
    });

    // Changed by a person in the editor: the node that decided last tells the flow, or all if none ever did.
    const unlisten = host.announcements.listen(({ pipeline: { store }, integration, transition }) => {
      if (transition.node !== null && transition.node !== this.id) return;
      const finding = health.afterOutcome(store, integration, null);
      logged(finding.then((found) => tell({ integration }, found, (messages) => this.send(messages))));
    });

    onClose(this, async () => {
      prober.stop();
      unlisten();
      await unwatch();
      await pipelines.release();
    });
  });
};

function integrationOf(msg: NodeMessage): string {
  const integration = integrationNamedIn(msg);
  if (integration !== undefined) return integration;
  throw new InvalidFieldsError("outcome", [
    {
      field: "msg.webhook.integration",
      value: quoteValue(undefined),
      expected: "the id of an integration, as error-tracker passes it on, or a command with msg.integration",
    },
  ]);
}
