import type { Node, NodeAPI, NodeDef } from "node-red";
import { configured } from "../host/configuration";
import { hostOf } from "../host/host";
import { onClose } from "../host/input";
import { readStore } from "./read-store";

export = (RED: NodeAPI): void => {
  const host = hostOf(RED);

  RED.nodes.registerType(
    "webhook-store",
    function (this: Node<{ url: unknown; encryptionKey: unknown }>, config: NodeDef) {
      RED.nodes.createNode(this, config);
      const store = configured(RED, this, config, (properties) =>
        readStore({ properties, credentials: this.credentials, id: this.id, locations: host.locations }),
      );
      if (store === undefined) return;
      const withdraw = host.stores.offer(this.id, store);
      // Whatever waits here is sent even if no other node is left that would ask for it.
      const lease = host.pipelines.lease(store.path);
      onClose(this, (removed) => {
        withdraw(removed);
        return lease.release();
      });
    },
    { credentials: { url: { type: "password" }, encryptionKey: { type: "password" } } },
  );
};
