/** Remembers what was worked out for the last keys: at most `size` of them, the oldest leaves first. */
export class BoundedCache<Key, Value> {
  readonly #values = new Map<Key, Value>();

  constructor(
    private readonly size: number,
    private readonly workOut: (key: Key) => Value,
  ) {}

  get(key: Key): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = this.workOut(key);
    if (this.#values.size >= this.size) {
      const [oldest] = this.#values.keys();
      if (oldest !== undefined) this.#values.delete(oldest);
    }
    this.#values.set(key, value);
    return value;
  }
}
