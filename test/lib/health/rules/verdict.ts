import type { AttemptHistory } from "../../../../nodes/lib/health/attempt-history";
import { type Counting, evaluateRules, parseRules, type RuleVerdict } from "../../../../nodes/lib/health/rules";
import { november } from "../told-history";

/** What one rule says of a history at a time as `november` reads it. */
export function verdict(
  rule: { rule: string; [setting: string]: unknown },
  history: AttemptHistory,
  time: string | number,
  { counting = "all", generation = history.generation }: { counting?: Counting; generation?: number } = {},
): RuleVerdict {
  const nowMs = typeof time === "number" ? time : november(time);
  const rules = counting === "all" ? parseRules([rule], "rules") : [];
  const found = evaluateRules(rules, counting, history, generation, nowMs).find((said) => said.rule === rule.rule);
  if (found === undefined) throw new Error(`no verdict of ${rule.rule}`);
  return found;
}
