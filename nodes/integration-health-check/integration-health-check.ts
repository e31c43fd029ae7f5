import type { Node, NodeAPI, NodeDef } from "node-red";

export = (RED: NodeAPI): void => {
  RED.nodes.registerType("integration-health-check", function (this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
  });
};
