import type { StoreCondition } from "../lib/store/store";
import type { Pipelines } from "./pipelines";
import { watchPipelines } from "./watch-pipelines";

const PREFIX = "[comment-webhooks]";

/** Where Node-RED's log takes lines. */
export interface LogLines {
  info(line: string): void;
  error(line: string): void;
}

/** Says in the log when a store cannot be opened, is damaged, cannot be written or is full, and when that is over; once. */
export function logTrouble(pipelines: Pipelines, log: LogLines): void {
  const failed = new Map<string, string>();
  watchPipelines(pipelines, {
    opened({ store }, path) {
      let trouble = false;
      const say = (condition: StoreCondition) => {
        if (condition.state !== "ok") log.error(`${PREFIX} ${path}: ${inWords(condition)}`);
        else if (trouble) log.info(`${PREFIX} ${path}: the store works again`);
        trouble = condition.state !== "ok";
      };
      say(store.condition());
      return store.onCondition(say);
    },
    changed(path, state) {
      if (state.state === "open" && failed.delete(path)) log.info(`${PREFIX} ${path}: the store could be opened`);
      if (state.state !== "failed" || failed.get(path) === state.problem.message) return;
      failed.set(path, state.problem.message);
      log.error(`${PREFIX} ${path}: the store could not be opened: ${state.problem.message}`);
    },
  });
}

function inWords(condition: Exclude<StoreCondition, { state: "ok" }>): string {
  switch (condition.state) {
    case "damaged":
      return `${condition.file} could not be read (${condition.problem}); it was kept as ${condition.keptAs}, and the rest goes on`;
    case "unwritable":
      return `nothing can be written (${condition.problem}); new webhooks are refused until it can`;
    case "full":
      return `no room is left (${condition.problem}); new webhooks are refused until there is`;
  }
}
