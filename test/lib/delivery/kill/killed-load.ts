import { INTEGRATION_DEFAULTS } from "../../../../nodes/lib/integration/integration-defaults";
import type { LiveIntegration } from "../../../../nodes/lib/integration/integration-spec";

/** What the sending process and the test that kills it agree on. */
export const DELIVERIES = 2_000;
export const INTEGRATIONS = ["one", "two"] as const;
export const CONCURRENCY = 12;
const KEYS = 40;

/** Webhook number `index`: which integration it is for, its id and its key. */
export function webhookOf(index: number): { integration: string; id: string; orderKey: string } {
  const integration = INTEGRATIONS[index % INTEGRATIONS.length] ?? INTEGRATIONS[0];
  return { integration, id: `msg_${index}`, orderKey: `comment-${index % KEYS}` };
}

export function integrationFor(id: string, port: number): LiveIntegration {
  const { timeout, maxAge, ...defaults } = INTEGRATION_DEFAULTS;
  return {
    spec: {
      ...defaults,
      id,
      url: `http://127.0.0.1:${port}/${id}`,
      scheme: id === "one" ? "standard" : "sentry",
      concurrency: CONCURRENCY,
      // A failed attempt is made again at once, many times over.
      retries: Array.from({ length: 50 }, () => 0),
      timeoutMs: timeout,
      maxAgeHours: maxAge,
      allowPrivate: true,
    },
    secrets: { secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", previousSecret: "", headers: {} },
    tls: null,
    proxy: null,
  };
}
