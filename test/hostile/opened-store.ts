import RED, { type NodeAPI } from "node-red";
import { hostOf } from "../../nodes/host/host";
import type { Store } from "../../nodes/lib/store/store";

/** The default store of the runtime in this process, as soon as it is open; some node must keep it so. */
export async function openedStore(): Promise<Store> {
  const { pipelines, locations } = hostOf(RED as unknown as NodeAPI);
  const lease = pipelines.lease(locations.defaultPath);
  const { store } = await lease.pipeline();
  await lease.release();
  return store;
}
