import { openStore } from "../../nodes/lib/store/open-store";
import { DEFAULT_STORE_SETTINGS } from "../../nodes/lib/store/store-settings";
import { HOUR_MS } from "../../nodes/lib/time/utc-day";
import { webhookBody } from "../../nodes/lib/wire/webhook-body";
import { newComment } from "./comment";

/** Deliveries that are accepted, and settled, at a time. */
const AT_ONCE = 500;
/** Retries are spread over this time, from an hour on: none is due while something is measured. */
const SPREAD_MS = 10 * HOUR_MS;

/** Puts deliveries for one integration into a store's folder, as webhook-send does. No process may have it open. */
export async function fillStore(
  path: string,
  { integration, count, failedOnce }: { integration: string; count: number; failedOnce: boolean },
): Promise<void> {
  const store = await openStore({ path, settings: DEFAULT_STORE_SETTINGS });
  try {
    for (let left = count; left > 0; left -= AT_ONCE) {
      const accepted = Array.from({ length: Math.min(left, AT_ONCE) }, () => store.accept(newDelivery(integration)));
      await Promise.all(accepted);
    }
    if (failedOnce) await failEach(store, integration);
  } finally {
    await store.close();
  }
}

function newDelivery(integration: string) {
  const comment = newComment("shop");
  const { id } = comment.comment;
  const body = webhookBody(
    { ...comment, type: "comment.created", sourceDeliveryId: null },
    { scheme: "standard", installation: "" },
  );
  return {
    ...({ integration, id: `msg_${id}`, kind: "event", event: "comment.created", orderKey: `${id}` } as const),
    ...({
      scheme: "standard",
      body: JSON.stringify(body),
      origin: { node: "send", msgid: "0123456789abcdef" },
    } as const),
  };
}

async function failEach(store: Awaited<ReturnType<typeof openStore>>, integration: string): Promise<void> {
  store.configure(integration, {
    ...({ ordered: true, concurrency: AT_ONCE, rate: 0, pauses: false, whenDisabled: "hold" } as const),
    ...{ holdLimit: Number.MAX_SAFE_INTEGER, holdMs: HOUR_MS, maxAgeMs: 100 * HOUR_MS },
  });
  for (;;) {
    const { deliveries } = await store.claim(AT_ONCE);
    if (deliveries.length === 0) return;
    const now = Date.now();
    const settled = deliveries.map(({ id }, index) =>
      store.settle({
        ...{ integration, id },
        attempt: {
          ...{
            attemptId: `att_${id}`,
            attempt: 1,
            startedAt: now,
            durationMs: 5,
            outcome: "error",
            reason: "http-500",
          },
          ...{ statusCode: 500, url: "http://127.0.0.1/", requestHeaders: {}, responseHeaders: {}, responseBody: "" },
        },
        next: { state: "retry", at: now + HOUR_MS + (SPREAD_MS * index) / deliveries.length },
      }),
    );
    await Promise.all(settled);
  }
}
