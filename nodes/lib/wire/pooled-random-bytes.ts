import { randomFillSync } from "node:crypto";

/** To ask the system for 4,096 bytes takes hardly longer than to ask for 16. */
const POOL_BYTES = 4_096;

const pool = Buffer.allocUnsafe(POOL_BYTES);
let used = POOL_BYTES;

/**
 * Random bytes as `randomBytes` of `node:crypto` gives them, none of them twice. Not for keys: what was given stays in
 * memory for a while.
 *
 * @param size at most 4,096
 */
export function pooledRandomBytes(size: number): Buffer {
  if (used + size > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += size;
  return Buffer.from(pool.subarray(used - size, used));
}
