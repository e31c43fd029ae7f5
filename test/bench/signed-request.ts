import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import { newComment } from "./comment";

/** What the peers send by themselves: the very body and headers that the pipeline makes of the same comment. */
export interface SignedRequest {
  headers: Record<string, string>;
  body: string;
}

const SECRET_BYTES = Buffer.from("benchmark-secret-of-32-bytes----");
export const SECRET = `whsec_${SECRET_BYTES.toString("base64")}`;
const KEY = createSecretKey(SECRET_BYTES);

/** A new webhook by Standard Webhooks 1.0.0, with as little work as one can do. */
export function newSignedRequest(): SignedRequest {
  const { comment, issue, project, actor, timestamp } = newComment("shop");
  const id = `msg_${randomBytes(16).toString("hex")}`;
  const seconds = Math.floor(Date.now() / 1_000);
  const body = JSON.stringify({
    type: "comment.created",
    timestamp,
    data: {
      comment_id: comment.id,
      issue_id: issue.id,
      project_slug: project.slug,
      timestamp,
      comment: comment.text,
      installation: { uuid: "" },
      actor,
    },
  });
  return {
    body,
    headers: {
      "Content-Type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": `${seconds}`,
      "webhook-signature": `v1,${createHmac("sha256", KEY).update(`${id}.${seconds}.${body}`).digest("base64")}`,
    },
  };
}

/** Whether a request is one of these, signed with this secret. */
export function isSigned(headers: NodeJS.Dict<string | string[]>, body: Buffer): boolean {
  const signature = createHmac("sha256", KEY)
    .update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`)
    .update(body);
  return headers["webhook-signature"] === `v1,${signature.digest("base64")}`;
}
