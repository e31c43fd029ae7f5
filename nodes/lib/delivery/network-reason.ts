import type { LocalReason, NoAnswerReason } from "./attempt";

/** What the network's errors mean, by their code; null for any other. */
export function networkReason(code: string): NoAnswerReason | LocalReason | null {
  switch (code) {
    case "ECONNREFUSED":
      return "refused";
    case "ECONNRESET":
    case "ECONNABORTED":
    case "EPIPE":
      return "reset";
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "EHOSTDOWN":
      return "timeout";
    case "ENETUNREACH":
    case "ENETDOWN":
    case "EADDRNOTAVAIL":
    case "EADDRINUSE":
    case "EAFNOSUPPORT":
    case "EMFILE":
    case "ENFILE":
    case "ENOBUFS":
    case "ENOMEM":
    case "EACCES":
    case "EPERM":
      return "local-network";
    default:
      return null;
  }
}

/** The `code` of an error of Node.js or undici; empty if it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
