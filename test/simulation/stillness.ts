const TURNS = 3;

/** Knows when all that was begun has ended, so that time may go on. */
export class Stillness {
  #pending = 0;

  track<T>(work: Promise<T>): Promise<T> {
    this.#pending += 1;
    const end = () => {
      this.#pending -= 1;
    };
    work.then(end, end);
    return work;
  }

  /** The same object; calls of its methods that give promises are tracked. */
  watch<T extends object>(object: T): T {
    return new Proxy(object, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          const result: unknown = Reflect.apply(member, target, args);
          if (result instanceof Promise) this.track(result);
          return result;
        };
      },
    });
  }

  /** Resolves when nothing is under way, nor follows from what was within a few turns of the event loop. */
  async still(): Promise<void> {
    for (let quiet = 0; quiet < TURNS; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#pending === 0 ? quiet + 1 : 0;
    }
  }
}
