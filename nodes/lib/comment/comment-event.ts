import type { CommentEventType } from "../integration/integration-spec";

/** An id as the source has it: a text of 1 to 255 printable characters, or a whole number that JSON keeps exactly. */
export type Identifier = string | number;

/** A comment was made, changed or deleted: what every source is read into. */
export interface CommentEvent {
  type: CommentEventType;
  comment: {
    id: Identifier;
    /** Any text, up to `MAX_TEXT_BYTES`; half a surrogate pair, which UTF-8 cannot carry, is U+FFFD. */
    text: string;
  };
  /** What the comment stands under: an issue, a pull request, a commit, … */
  issue: { id: Identifier };
  project: { slug: string };
  /** Who made, changed or deleted the comment. */
  actor: { type: string; id: Identifier; name: string };
  /** When, as `"2026-11-23T10:00:00.000Z"`. */
  timestamp: string;
  /** What the source calls this delivery, the same if it sends it again; null if it has no name for it. */
  sourceDeliveryId: string | null;
}

/** The property of a node that says where its comments come from; `custom` is mapped by JSONata first. */
export type CommentSource = "auto" | "comment" | "sentry" | "github" | "gitlab";
