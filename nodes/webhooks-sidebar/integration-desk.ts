import { randomUUID } from "node:crypto";
import { type DeliveryMessage, deliveryMessage } from "../host/delivery-message";
import type { Host } from "../host/host";
import { type Located, NodePipelines } from "../host/node-pipelines";
import type { DeliveryReport } from "../lib/delivery/report";
import { commandTransition } from "../lib/health/command";
import { type ChangeMessage, changeOf, type HealthMessage, healthOf } from "../lib/health/health-message";
import type { AuditEntry } from "../lib/health/integration-ledger";
import { type Preview, type PreviewSettings, previewRules } from "../lib/health/preview-rules";
import { writeDecision } from "../lib/health/write-decision";
import { systemClock } from "../lib/time/clock";

/** No integration of that id is deployed, nor is anything known of it. */
export class IntegrationNotFoundError extends Error {
  override readonly name = "IntegrationNotFoundError";
}

/** An integration as the editor shows it. */
export interface IntegrationView {
  integration: string;
  name: string;
  health: HealthMessage;
  /** ISO time of the last change of status. */
  since: string;
  /** Newest first. */
  audit: (Omit<AuditEntry, "at"> & { at: string })[];
  waiting: number;
}

/** What came of a test event. */
export interface TestReport extends DeliveryMessage {
  requestBody: string;
}

const AUDIT_SHOWN = 20;

/** What people do to integrations from the editor, rather than by a message. */
export class IntegrationDesk {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async view(integration: string): Promise<IntegrationView> {
    return this.#at(integration, async ({ pipeline, spec }) => {
      const state = await pipeline.store.state(integration);
      const lane = pipeline.store.lanes().find((each) => each.integration === integration);
      return {
        integration,
        name: spec?.name ?? integration,
        health: healthOf(state, systemClock.now()),
        since: new Date(state.since).toISOString(),
        audit: state.audit
          .slice(-AUDIT_SHOWN)
          .reverse()
          .map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })),
        waiting: lane?.waiting ?? 0,
      };
    });
  }

  /** The change that the command made, or null if it was already so. */
  async command(integration: string, command: "enable" | "disable", by: string): Promise<ChangeMessage | null> {
    return this.#at(integration, async ({ pipeline }) => {
      const { written } = await writeDecision(pipeline.store, integration, (state) =>
        // Told by the node that decided last, so that it reaches the flow which looks after this integration.
        commandTransition(state, command, by, systemClock.now(), lastNode(state.transitions), randomUUID),
      );
      if (written === null) return null;
      this.#host.announcements.tell({ pipeline, integration, transition: written });
      return changeOf(written);
    });
  }

  /** Sends a signed test event and waits for what comes of it. */
  async test(integration: string): Promise<TestReport> {
    return this.#at(integration, async ({ pipeline }) => {
      const asker = `test-${randomUUID()}`;
      let disconnect = (): void => undefined;
      try {
        const report = new Promise<DeliveryReport>((resolve) => {
          disconnect = pipeline.engine.attach(asker, resolve);
        });
        await pipeline.engine.test(integration, { node: asker, msgid: asker });
        const ended = await report;
        return { ...deliveryMessage(ended), requestBody: ended.delivery.body };
      } finally {
        disconnect();
      }
    });
  }

  /** What rules would have done to the integration, by its stored counts. */
  async preview(integration: string, settings: PreviewSettings): Promise<Preview> {
    return this.#at(integration, async ({ pipeline }) =>
      previewRules(settings, await pipeline.store.state(integration), systemClock.now()),
    );
  }

  async #at<Result>(integration: string, work: (located: Located) => Promise<Result>): Promise<Result> {
    const pipelines = new NodePipelines(this.#host);
    try {
      const located = await pipelines.of(integration);
      if (located.spec === undefined && (await located.pipeline.store.state(integration)).revision === 0) {
        throw new IntegrationNotFoundError(
          `there is no integration ${JSON.stringify(integration)}: deploy its webhook-integration node first`,
        );
      }
      return await work(located);
    } finally {
      await pipelines.release();
    }
  }
}

function lastNode(transitions: readonly { node: string | null }[]): string | null {
  return transitions.findLast(({ node }) => node !== null)?.node ?? null;
}
