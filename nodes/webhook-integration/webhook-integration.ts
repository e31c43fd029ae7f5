import type { Node, NodeAPI, NodeDef } from "node-red";

export = (RED: NodeAPI): void => {
  RED.nodes.registerType(
    "webhook-integration",
    function (this: Node, config: NodeDef) {
      RED.nodes.createNode(this, config);
    },
    {
      credentials: {
        secret: { type: "password" },
        previousSecret: { type: "password" },
        headers: { type: "password" },
      },
    },
  );
};
