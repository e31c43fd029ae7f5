/**
 * The first own property of an object that has more than `levels` levels of objects and lists in it, or null. What
 * contains itself is looked at once.
 */
export function tooDeepProperty(object: object, levels: number): string | null {
  const seen = new Set<object>([object]);
  for (const [key, value] of ownEntries(object)) if (isDeeper(value, levels, seen)) return key;
  return null;
}

function isDeeper(value: unknown, levels: number, seen: Set<object>): boolean {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return false;
  if (levels === 0) return true;
  seen.add(value);
  for (const [, inner] of ownEntries(value)) if (isDeeper(inner, levels - 1, seen)) return true;
  return false;
}

/** Nothing of an object that does not let itself be read. */
function ownEntries(object: object): [string, unknown][] {
  try {
    return Object.entries(object);
  } catch {
    return [];
  }
}
