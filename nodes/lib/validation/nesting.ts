/**
 * The first own property of an object that has more than `levels` levels of objects and lists in it, or null. What
 * contains itself is looked at once, what does not let itself be read not at all. Strangers send what is looked at, before
 * anything else is: nothing is copied of it.
 */
export function tooDeepProperty(object: object, levels: number): string | null {
  const seen = new Set<object>([object]);
  for (const key of Object.keys(object)) if (isDeeper(propertyOf(object, key), levels, seen)) return key;
  return null;
}

function isDeeper(value: unknown, levels: number, seen: Set<object>): boolean {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return false;
  if (levels === 0) return true;
  seen.add(value);
  try {
    return Array.isArray(value) ? isListDeeper(value, levels, seen) : isObjectDeeper(value, levels, seen);
  } catch {
    return false;
  }
}

function isListDeeper(list: readonly unknown[], levels: number, seen: Set<object>): boolean {
  for (let index = 0; index < list.length; index++) if (isDeeper(list[index], levels - 1, seen)) return true;
  return false;
}

function isObjectDeeper(object: object, levels: number, seen: Set<object>): boolean {
  for (const key in object) {
    if (Object.hasOwn(object, key) && isDeeper(propertyOf(object, key), levels - 1, seen)) return true;
  }
  return false;
}

/** Undefined if it does not let itself be read. */
function propertyOf(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return undefined;
  }
}
