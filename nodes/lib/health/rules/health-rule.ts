import type { ConsecutiveRule } from "./consecutive";
import type { FailingDaysRule } from "./failing-days";
import type { FailingForRule } from "./failing-for";
import type { FailureRateRule } from "./failure-rate";
import type { FatalRule } from "./fatal";
import type { TimeoutsPerDayRule } from "./timeouts-per-day";

/** A rule as it stands in the `rules` of integration-health-check. */
export type HealthRule =
  | FatalRule
  | FailingDaysRule
  | FailingForRule
  | TimeoutsPerDayRule
  | ConsecutiveRule
  | FailureRateRule;
