import type { IntegrationLedger, IntegrationState, NewTransition, Transition } from "./integration-ledger";

/** What was written, or null if nothing was to change, and the state that it led to. */
export interface WrittenDecision {
  written: Transition | null;
  state: IntegrationState;
}

/**
 * Decides on an integration and writes what was decided. Decides anew if someone else wrote a transition meanwhile, so that
 * `decide` is called once or several times; what it read in the state was still so when its decision was written.
 */
export async function writeDecision(
  ledger: Pick<IntegrationLedger, "state" | "transition">,
  integration: string,
  decide: (state: IntegrationState) => NewTransition | null | Promise<NewTransition | null>,
): Promise<WrittenDecision> {
  for (;;) {
    const state = await ledger.state(integration);
    // The state may move on while someone decides.
    const { revision } = state;
    const transition = await decide(state);
    if (transition === null) return { written: null, state };
    const written = await ledger.transition(integration, revision, transition);
    if (written !== null) return { written, state: await ledger.state(integration) };
  }
}
