/** A file that cannot be read now. Nothing is known of its content, so it is not damaged: later it may be readable. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
  constructor(file: string, cause: unknown) {
    super(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
