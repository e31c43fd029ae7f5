import type { Node, NodeAPI, NodeDef } from "node-red";
import { configured } from "../host/configuration";
import { proxySettings, tlsSettings } from "../host/connection-nodes";
import { fillIn } from "../host/environment";
import { hostOf } from "../host/host";
import { onClose } from "../host/input";
import type { DeployedIntegration } from "../host/integrations";
import { parseIntegration } from "../lib/integration/parse-integration";
import { parseSecrets } from "../lib/integration/parse-secrets";

const PATH = "webhook-integration";

interface Credentials {
  secret: unknown;
  previousSecret: unknown;
  headers: unknown;
}

export = (RED: NodeAPI): void => {
  const host = hostOf(RED);

  RED.nodes.registerType(
    "webhook-integration",
    function (this: Node<Credentials>, config: NodeDef) {
      RED.nodes.createNode(this, config);
      const integration = configured(RED, this, config, (properties): DeployedIntegration => {
        const { url } = properties;
        const lookup = (name: string) => RED.util.getSetting(this, name);
        const filledIn = typeof url === "string" ? fillIn(url, lookup) : url;
        // The node's id, not what an imported flow may say, names the state.
        const spec = parseIntegration({ ...properties, id: this.id, url: filledIn }, PATH);
        return {
          spec,
          secrets: parseSecrets(this.credentials, PATH),
          tls: tlsSettings(RED, spec.tls),
          proxy: proxySettings(RED, spec.proxy),
          storePath: host.locations.pathOf(spec.store),
          z: this.z ?? "",
        };
      });
      if (integration === undefined) return;
      const withdraw = host.deployedIntegrations.offer(this.id, integration);
      // Deliveries that wait for it are made even if no webhook-send node is left.
      const lease = host.pipelines.lease(integration.storePath);
      onClose(this, (removed) => {
        withdraw(removed);
        return lease.release();
      });
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
