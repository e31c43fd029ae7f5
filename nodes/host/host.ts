import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { NodeAPI } from "node-red";
import { DEFAULT_STORE_SETTINGS } from "../lib/store/store-settings";
import { systemClock } from "../lib/time/clock";
import { Announcements } from "./announcements";
import { Deployed } from "./deployed";
import { FlowCycle } from "./flow-cycle";
import { type DeployedIntegration, Integrations } from "./integrations";
import type { DeployedMailer } from "./mailers";
import { openPipeline } from "./pipeline";
import { Pipelines } from "./pipelines";
import { type DeployedStore, StoreLocations } from "./store-locations";
import { logTrouble } from "./trouble-log";

/** What our nodes share within one Node-RED runtime. */
export interface Host {
  cycle: FlowCycle;
  stores: Deployed<DeployedStore>;
  deployedIntegrations: Deployed<DeployedIntegration>;
  mailers: Deployed<DeployedMailer>;
  locations: StoreLocations;
  integrations: Integrations;
  pipelines: Pipelines;
  announcements: Announcements;
  userDirectory: string;
}

/** Node-RED's own, for a node to close, ms. */
const DEFAULT_CLOSE_TIMEOUT_MS = 15_000;

/** By the runtime's events, of which a process has one set, however often our node files are loaded. */
const runtimes = new WeakMap<object, { cycle: FlowCycle; hosts: Map<string, Host> }>();

/** The host of a runtime, which its user directory names; made when the first of our node types registers. */
export function hostOf(RED: NodeAPI): Host {
  const runtime = runtimes.get(RED.events) ?? { cycle: new FlowCycle(RED.events), hosts: new Map<string, Host>() };
  runtimes.set(RED.events, runtime);
  const userDirectory = resolve(RED.settings.userDir ?? join(homedir(), ".node-red"));
  const host = runtime.hosts.get(userDirectory) ?? makeHost(RED, runtime.cycle, userDirectory);
  runtime.hosts.set(userDirectory, host);
  return host;
}

function makeHost(RED: NodeAPI, cycle: FlowCycle, userDirectory: string): Host {
  const stores = new Deployed<DeployedStore>(cycle);
  const deployedIntegrations = new Deployed<DeployedIntegration>(cycle);
  const mailers = new Deployed<DeployedMailer>(cycle);
  const locations = new StoreLocations(stores, userDirectory);
  const integrations = new Integrations(RED, deployedIntegrations, locations);
  const settingsAt = (path: string) => locations.at(path)?.settings ?? DEFAULT_STORE_SETTINGS;
  const pipelines = new Pipelines({
    cycle,
    clock: systemClock,
    open: (path) => openPipeline({ path, settings: settingsAt(path), directory: integrations.in(path), cycle }),
    settingsOf: (path) => JSON.stringify(settingsAt(path)),
    closeTimeoutMs: closeTimeoutOf(RED.settings),
  });
  logTrouble(pipelines, RED.log);
  const announcements = new Announcements();
  return {
    cycle,
    stores,
    deployedIntegrations,
    mailers,
    locations,
    integrations,
    pipelines,
    announcements,
    userDirectory,
  };
}

function closeTimeoutOf(settings: object): number {
  return "nodeCloseTimeout" in settings && typeof settings.nodeCloseTimeout === "number"
    ? settings.nodeCloseTimeout
    : DEFAULT_CLOSE_TIMEOUT_MS;
}
