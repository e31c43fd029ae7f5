import type { Pipeline } from "./pipeline";
import type { PipelineState, Pipelines } from "./pipelines";

export interface PipelineWatch {
  /** Called for each pipeline that is open, before it sends; gives back what undoes it, for when either closes. */
  opened(pipeline: Pipeline, path: string): () => void | Promise<void>;
  /** Called with each state of each pipeline, after `opened`. */
  changed?(path: string, state: PipelineState): void;
}

/** Takes part in every pipeline of the process as long as it is open. The returned function ends all of it. */
export function watchPipelines(pipelines: Pipelines, watch: PipelineWatch): () => Promise<void> {
  const undoing = new Map<string, () => void | Promise<void>>();
  const part = async (path: string) => {
    const undo = undoing.get(path);
    undoing.delete(path);
    await undo?.();
  };
  const unwatch = pipelines.watch(async (path, state) => {
    const parted = part(path);
    if (state.state === "open") undoing.set(path, watch.opened(state.pipeline, path));
    watch.changed?.(path, state);
    await parted;
  });
  return async () => {
    unwatch();
    await Promise.all([...undoing.keys()].map(part));
  };
}
