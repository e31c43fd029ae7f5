import { COMMENT_EVENTS } from "./integration-spec";

/**
 * What a `webhook-integration` node's properties, and those of an object in `msg.integrations`, are unless they are set:
 * public, since flows store them. `timeout` is in milliseconds, `maxAge` in hours, `rate` per second (0 means no limit).
 */
export const INTEGRATION_DEFAULTS = {
  name: "",
  slug: "",
  organization: "",
  installation: "",
  url: "",
  events: COMMENT_EVENTS,
  projects: [],
  owners: [],
  scheme: "standard",
  timeout: 15_000,
  retries: "standard",
  ordered: true,
  concurrency: 4,
  rate: 0,
  whenDisabled: "hold",
  holdDays: 7,
  holdLimit: 10_000,
  maxAge: 96,
  allowPrivate: false,
  tls: "",
  proxy: "",
  store: "",
} as const;
