import type { Node, NodeAPI, NodeDef } from "node-red";

export = (RED: NodeAPI): void => {
  RED.nodes.registerType(
    "owner-mailer",
    function (this: Node, config: NodeDef) {
      RED.nodes.createNode(this, config);
    },
    { credentials: { user: { type: "text" }, password: { type: "password" } } },
  );
};
