import type { Damage, StoreCondition } from "../lib/store/store";
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
      const told = new WeakSet<Damage>();
      const say = (condition: StoreCondition) => {
        for (const problem of inWords(condition, told)) log.error(`${PREFIX} ${path}: ${problem}`);
        if (condition.state === "ok" && trouble) log.info(`${PREFIX} ${path}: the store works again`);
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

/** @param told damages that were told before; those that are told now are added */
function inWords(condition: StoreCondition, told: WeakSet<Damage>): string[] {
  switch (condition.state) {
    case "ok":
      return [];
    case "damaged": {
      const found = condition.damages.filter((damage) => !told.has(damage));
      for (const damage of found) told.add(damage);
      return found.map(
        ({ file, keptAs, problem, consequence }) =>
          `${file} is damaged (${problem}); ${keptAs === file ? "it stays where it is" : `it is kept as ${keptAs}`}, and the rest goes on. ${consequence}`,
      );
    }
    case "unwritable":
      return [`nothing can be written (${condition.problem}); new webhooks are refused until it can`];
    case "full":
      return [`no room is left (${condition.problem}); new webhooks are refused until there is`];
  }
}
