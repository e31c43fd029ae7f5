import type { Node, NodeAPI, NodeDef } from "node-red";

export = (RED: NodeAPI): void => {
  RED.nodes.registerType(
    "comment-webhook-build",
    function (this: Node, config: NodeDef) {
      RED.nodes.createNode(this, config);
    },
    { credentials: { sourceSecret: { type: "password" } } },
  );
};
