/** A comment event in the plain form, as a flow would get it. */
export interface BenchComment {
  action: "created";
  comment: { id: number; text: string };
  issue: { id: number };
  project: { slug: string };
  actor: { type: "user"; id: number; name: string };
  timestamp: string;
}

/** All ids have as many digits, so that all bodies have as many bytes. */
const FIRST_ID = 1_000_000_000;
const TEXT =
  "We saw this again on two of our servers after the last deploy: the export stops at 80 % and the job is started anew. " +
  "Could it be the same time-out as in March? I have put the log of both runs into the issue's description, " +
  "and a short script with which it can be reproduced: “export --all” ist dafür nicht nötig. 👍";

let lastId = FIRST_ID;

/** A comment that was never made before: as its id is its order key, it does not wait for any other. */
export function newComment(project: string): BenchComment {
  lastId += 1;
  return {
    action: "created",
    comment: { id: lastId, text: TEXT },
    issue: { id: 4_711 },
    project: { slug: project },
    actor: { type: "user", id: 42, name: "Ada Lovelace" },
    timestamp: "2026-11-23T10:15:30.000Z",
  };
}
