import type { LiveIntegration } from "../../../../nodes/lib/integration/integration-spec";
import type { StoreSettings } from "../../../../nodes/lib/store/store";
import { DEFAULT_STORE_SETTINGS } from "../../../../nodes/lib/store/store-settings";
import { integrationSpec } from "../../../fixtures/integration-spec";

/** What the sending process and the test that kills it agree on. */
export const INTEGRATIONS = ["one", "two"] as const;
/** Segments of 64 kB, of which a few are kept: files are written and segments dropped all the time. */
export const STORE_SETTINGS: StoreSettings = { ...DEFAULT_STORE_SETTINGS, maxBytes: 1_024 * 1_024 };
const KEYS = 40;

/** Webhook number `index`: which integration it is for, its id and its key. */
export function webhookOf(index: number): { integration: string; id: string; orderKey: string } {
  const integration = INTEGRATIONS[index % INTEGRATIONS.length] ?? INTEGRATIONS[0];
  return { integration, id: `msg_${index}`, orderKey: `comment-${index % KEYS}` };
}

export function bodyOf(index: number): { index: number; text: string } {
  return { index, text: "é".repeat((index * 37) % 500) };
}

/** Whether the receiver takes webhook number `index` only when it comes again. So few that no lane ever pauses. */
export function isRefusedAtFirst(index: number): boolean {
  return index % 17 === 0;
}

export function integrationFor(id: string, url: string): LiveIntegration {
  return {
    spec: integrationSpec({
      id,
      url,
      scheme: id === "one" ? "standard" : "sentry",
      concurrency: 12,
      // Long enough for what waits to be overtaken by some hundreds of others.
      retries: Array.from({ length: 50 }, () => 0.1),
      allowPrivate: true,
    }),
    secrets: { secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", previousSecret: "", headers: {} },
    tls: null,
    proxy: null,
  };
}
