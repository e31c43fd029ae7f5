import type { Node, NodeAPI, NodeDef } from "node-red";

export = (RED: NodeAPI): void => {
  RED.nodes.registerType(
    "webhook-store",
    function (this: Node, config: NodeDef) {
      RED.nodes.createNode(this, config);
    },
    { credentials: { url: { type: "password" }, encryptionKey: { type: "password" } } },
  );
};
