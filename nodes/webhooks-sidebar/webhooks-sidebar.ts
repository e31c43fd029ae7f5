import type { NodeAPI } from "node-red";
import { hostOf } from "../host/host";
import { registerAdminRoutes } from "./admin-routes";
import { IntegrationDesk } from "./integration-desk";
import { registerMailRoutes } from "./mail-routes";

/** What the editor asks of the runtime about integrations, behind the editor's own log-in. */
export = (RED: NodeAPI): void => {
  registerAdminRoutes(RED, new IntegrationDesk(hostOf(RED)));
  registerMailRoutes(RED);
};
