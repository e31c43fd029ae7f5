import { Pool } from "undici";
import { closedLoop, type Lap } from "./closed-loop";
import { newSignedRequest } from "./signed-request";

/** Sends with nothing but undici: nothing is kept, checked, logged or tried again. The limit of what can be reached. */
export class BarePool {
  readonly #pool: Pool;

  constructor(origin: string, connections: number) {
    this.#pool = new Pool(origin, { connections, pipelining: 1 });
  }

  send(path: string, count: number, inFlight: number): Promise<Lap> {
    return closedLoop(count, inFlight, async () => {
      const { statusCode, body } = await this.#pool.request({
        path,
        method: "POST",
        ...newSignedRequest(),
      });
      await body.text();
      if (statusCode !== 200) throw new Error(`answered with ${statusCode}`);
    });
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
