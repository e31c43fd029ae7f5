import type { Node, NodeAPI, NodeDef } from "node-red";

export = (RED: NodeAPI): void => {
  RED.nodes.registerType("webhook-send", function (this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
  });
};
