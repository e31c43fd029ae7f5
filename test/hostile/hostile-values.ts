import { plainComment } from "../fixtures/source-payloads";

const LONG = 2 * 1024 * 1024;

function nested(depth: number): unknown {
  let value: unknown = "deep";
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function circular(): object {
  const value: Record<string, unknown> = {};
  value.itself = { list: [value] };
  return value;
}

/** Texts that break lines, paths, headers, lookups or limits; none is the name of anything. */
export const HOSTILE_TEXTS: readonly string[] = [
  "x",
  "../../../../etc/passwd",
  "..\\..\\windows",
  "__proto__",
  "constructor",
  "toString",
  "a\u0000b",
  "line\r\nX-Injected: yes",
  "half \ud800 pair",
  "\u202eright to left",
  "{{constructor}}",
  "' OR 1=1 --",
  "<img src=x onerror=alert(1)>",
];

/** Longer than anything may be. */
export const ENDLESS_TEXT = "x".repeat(LONG);

/** Deeper than Node-RED can copy. */
export const DEEP: unknown = nested(3_000);

/** What is neither a text nor a plain object, as a function node may make it. */
export const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  -1,
  1.5,
  1e308,
  10n,
  Symbol("x"),
  () => "x",
  [],
  [[[]]],
  ["created"],
  Array.from({ length: 5_000 }, (_, index) => index),
];

/** Objects in which nothing is right. */
export const HOSTILE_OBJECTS: readonly object[] = [
  new Date(Number.NaN),
  new Map([["id", "x"]]),
  Buffer.alloc(64),
  {},
  Object.create(null),
  JSON.parse('{"__proto__":{"id":"msg_1","integration":"hooks","polluted":true}}'),
  JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
  Object.create(plainComment()),
  circular(),
  { toString: "x", valueOf: 1 },
  Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key${index}`, index])),
];

export const ANYTHING_HOSTILE: readonly unknown[] = [
  DEEP,
  ...ODD_VALUES,
  ...HOSTILE_OBJECTS,
  ...HOSTILE_TEXTS,
  ENDLESS_TEXT,
  "",
];
