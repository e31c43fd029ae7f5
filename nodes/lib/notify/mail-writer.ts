import Mustache from "mustache";

/**
 * How much a template may write: its characters, those inside a section again for each section around it, and for each
 * token as much as it takes of time. The longest mail of the default templates comes to less than a fifth.
 */
const MOST_WRITTEN = 20_000_000;
const TOKEN = 100;

/** A template writes far more than a mail can hold, as sections over lists within each other do. */
export class EndlessTemplateError extends Error {
  override readonly name = "EndlessTemplateError";

  constructor() {
    super("the template writes far too much: are sections over lists within each other?");
  }
}

/** Mustache's writer for one mail: it keeps no template, and ends what would write without end. */
export class MailWriter extends Mustache.Writer {
  #written = 0;

  constructor() {
    super();
    // mustache.js keeps every template it ever parsed; a live preview would fill the memory with drafts.
    Object.assign(this, { templateCache: undefined });
  }

  override renderTokens(...given: Parameters<InstanceType<typeof Mustache.Writer>["renderTokens"]>): string {
    this.#written += TOKEN * (given[0].length + 1);
    if (this.#written > MOST_WRITTEN) throw new EndlessTemplateError();
    const text = super.renderTokens(...given);
    this.#written += text.length;
    return text;
  }
}
