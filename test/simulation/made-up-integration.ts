import type { LiveIntegration } from "../../nodes/lib/integration/integration-spec";
import { parseIntegration } from "../../nodes/lib/integration/parse-integration";
import type { Random } from "../../nodes/lib/time/clock";
import { oneOf } from "../fixtures/seeded-random";

/** An integration with settings as chance has them. One owner is its own, one has others too. */
export function madeUpIntegration(index: number, random: Random): LiveIntegration {
  const number = String(index).padStart(3, "0");
  const id = `int-${number}`;
  const spec = parseIntegration(
    {
      ...{ id, name: `Shop-${number}`, url: `https://shop-${number}.example/hooks` },
      ...{ owners: [`owner-${number}@example.com`, `org-${index % 7}@example.com`] },
      scheme: oneOf(["standard", "standard", "sentry"], random),
      retries: oneOf(["standard", "standard", "standard", "sentry", "none"], random),
      ordered: random() < 0.7,
      concurrency: oneOf([1, 4], random),
      whenDisabled: random() < 0.8 ? "hold" : "drop",
      holdDays: oneOf([1, 7, 30], random),
      holdLimit: oneOf([5, 10_000], random),
    },
    id,
  );
  const secret = `whsec_${Buffer.alloc(32, index).toString("base64")}`;
  return { spec, secrets: { secret, previousSecret: "", headers: {} }, tls: null, proxy: null };
}

/** Ids of the integrations that a text names. */
export function integrationsNamedIn(text: string): string[] {
  return [...new Set(text.match(/Shop-\d{3}/g))].map((name) => name.replace("Shop", "int"));
}
