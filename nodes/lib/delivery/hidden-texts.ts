import type { LiveIntegration } from "../integration/integration-spec";
import { urlTokens } from "../wire/mask-url";

/** A header is often a word and the secret; shorter words are no secrets. */
const SHORTEST_PART = 8;

const known = new WeakMap<LiveIntegration, readonly string[]>();

/**
 * What a receiver could send back to us that must not be shown: the integration's secrets, the words of its extra headers
 * and the tokens in its URL, as they are and as JSON writes them.
 */
export function hiddenTexts(live: LiveIntegration): readonly string[] {
  let texts = known.get(live);
  if (texts === undefined) {
    texts = textsOf(live);
    known.set(live, texts);
  }
  return texts;
}

function textsOf({ spec, secrets }: LiveIntegration): readonly string[] {
  const values = Object.values(secrets.headers);
  const parts = values.flatMap((value) => value.split(/\s+/)).filter((part) => part.length >= SHORTEST_PART);
  const texts = [secrets.secret, secrets.previousSecret, ...values, ...parts, ...urlTokens(spec.url)];
  return [...new Set(texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]))].filter((text) => text !== "");
}
