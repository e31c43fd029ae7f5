/** One that was seen, between the one seen last before it and the one seen next after it. */
class Link {
  before: Link = this;
  after: Link = this;

  constructor(
    readonly key: string,
    public at: number,
  ) {}

  putBefore(next: Link): void {
    this.before = next.before;
    this.after = next;
    next.before.after = this;
    next.before = this;
  }

  takeOut(): void {
    this.before.after = this.after;
    this.after.before = this.before;
  }
}

/** When each of many was last seen, ms. Nothing here takes longer where there are more of them. */
export class ByRecency {
  readonly #links = new Map<string, Link>();
  /** Closes the ring: after it comes the one not seen for longest. */
  readonly #end = new Link("", 0);

  get size(): number {
    return this.#links.size;
  }

  has(key: string): boolean {
    return this.#links.has(key);
  }

  /** When the one was seen that was not seen for longest, or null if there is none. */
  get oldestAt(): number | null {
    return this.size === 0 ? null : this.#end.after.at;
  }

  /** @param at not before that of the last call */
  saw(key: string, at: number): void {
    let link = this.#links.get(key);
    if (link === undefined) {
      link = new Link(key, at);
      this.#links.set(key, link);
    } else {
      link.at = at;
      link.takeOut();
    }
    link.putBefore(this.#end);
  }

  delete(key: string): void {
    this.#links.get(key)?.takeOut();
    this.#links.delete(key);
  }

  deleteOldest(): void {
    if (this.size > 0) this.delete(this.#end.after.key);
  }

  /** Deletes all that were last seen then or before. */
  deleteThrough(time: number): void {
    while (this.size > 0 && this.#end.after.at <= time) this.deleteOldest();
  }

  clear(): void {
    this.#links.clear();
    this.#end.before = this.#end;
    this.#end.after = this.#end;
  }
}
