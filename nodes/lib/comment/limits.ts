/** The largest body of a webhook, in bytes of UTF-8. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** What a body may need beside the comment's text: everything else in a comment event is at most 255 characters long. */
const ENVELOPE_BYTES = 8 * 1024;

/** The longest text of a comment, in bytes of its JSON: whatever else is in the event, the body fits. */
export const MAX_TEXT_BYTES = MAX_BODY_BYTES - ENVELOPE_BYTES;

/** The largest raw payload that is parsed, in bytes: GitHub sends up to 25 MB. */
export const MAX_PAYLOAD_BYTES = 25 * 1024 * 1024;

/** Levels of objects and lists in a property of a payload: Node-RED fails to copy messages with many thousands. */
export const MAX_LEVELS = 1_000;

/** The longest id, slug, type or name, in UTF-16 code units. */
export const MAX_LABEL_LENGTH = 255;
