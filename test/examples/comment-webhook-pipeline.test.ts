import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { MAX_TEXT_BYTES } from "../../nodes/lib/comment/limits";
import { githubComments } from "../fixtures/github-comments";
import { gitlabHeaders, gitlabNote, sentryComment, sentryHeaders } from "../fixtures/source-payloads";
import { comment } from "../host/flows";
import type { RelayedRequest } from "./recording-relay";
import { RunningPipeline, type Scheme } from "./running-pipeline";
import { told } from "./told-owners";

const OWNERS = ["ada@example.com", "grace@example.com"];
const NAMES = ["Sentry-style receiver", "Standard receiver"];

const everyOwner = (...kinds: string[]) =>
  kinds.flatMap((kind) => NAMES.flatMap((name) => OWNERS.map((owner) => `${kind} ${name} to ${owner}`))).sort();

interface SentBody {
  type?: string;
  action?: string;
  data: { comment_id: string | number };
}

const bodyOf = ({ body }: RelayedRequest): SentBody => JSON.parse(body);
const sentTo = (scheme: Scheme) => (request: RelayedRequest) => request.path === `/receiver/${scheme}`;
const isAbout = (id: string) => (request: RelayedRequest) => String(bodyOf(request).data.comment_id) === id;

describe("the example flow of the comment webhook pipeline", () => {
  let pipeline: RunningPipeline;

  before(async () => {
    pipeline = await RunningPipeline.start();
  });
  after(() => pipeline.stop());
  beforeEach(() => pipeline.import());

  /** What the receivers' own tools say of a request. */
  function verify(request: RelayedRequest): void {
    if (sentTo("standard")(request)) {
      new StandardWebhook(pipeline.secretOf("standard")).verify(request.body, request.headers);
      return;
    }
    // As Sentry's documentation checks it: over the JSON of the parsed body.
    const hmac = createHmac("sha256", pipeline.secretOf("sentry"));
    hmac.update(JSON.stringify(JSON.parse(request.body)), "utf8");
    assert.equal(request.headers["sentry-hook-signature"], hmac.digest("hex"));
    assert.equal(request.headers["sentry-hook-resource"], "comment");
  }

  it("delivers the comments of every source, and published verifiers accept them", async () => {
    const comments = [
      ...githubComments(),
      { payload: sentryComment(), headers: sentryHeaders },
      { payload: gitlabNote("issue"), headers: gitlabHeaders },
    ];
    await Promise.all(comments.map(({ payload, headers }) => pipeline.accepted(payload, headers)));
    const delivered = await pipeline.next("webhook-send", 0, 2 * comments.length);

    for (const scheme of ["standard", "sentry"] as const) {
      const requests = pipeline.relay.requests.filter(sentTo(scheme));
      assert.equal(requests.length, comments.length, scheme);
      for (const request of requests) verify(request);
    }
    // The receiver in the flow answers 401 when a signature does not fit.
    assert.deepEqual(
      delivered.map(({ delivery }) => (delivery as { statusCode: number }).statusCode),
      delivered.map(() => 200),
    );
  });

  it("finds its receiver at the port on which Node-RED listens", async () => {
    process.env.PORT = new URL(pipeline.runtime.url).port;
    await pipeline.import();
    process.env.PORT = new URL(pipeline.relay.url).port;
    pipeline.press("a comment is made");
    await pipeline.next("webhook-send", 0, 2);
    assert.deepEqual(pipeline.relay.requests, []);
  });

  for (const button of ["a comment is made", "a comment is edited", "a comment is deleted"]) {
    it(`sends two webhooks when "${button}" is pressed`, async () => {
      pipeline.press(button);
      await pipeline.next("webhook-send", 0, 2);
      for (const request of pipeline.relay.requests) verify(request);
      assert.equal(pipeline.relay.requests.length, 2);
    });
  }

  for (const button of ["from GitHub", "from Sentry", "from GitLab"]) {
    it(`recognises what "${button}" sends`, async () => {
      pipeline.press(button);
      await pipeline.next("webhook-send", 0, 2);
    });
  }

  it("answers 202 when all webhooks of a comment are on disk, before any was delivered", async () => {
    const letGo = pipeline.relay.hold();
    await pipeline.accepted(comment("kept", { comment: { id: "kept", text: "on disk before 202" } }));
    const folder = join(pipeline.runtime.userDir, "comment-webhooks");
    const onDisk = readdirSync(folder, { recursive: true, withFileTypes: true, encoding: "utf8" })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"))
      .join("\n");
    assert.equal(onDisk.split("on disk before 202").length - 1, 2);
    assert.deepEqual(pipeline.arrived("webhook-send", 0), []);
    letGo();
    await pipeline.next("webhook-send", 0, 2);
  });

  it("answers 400 and says what is wrong with a comment", async () => {
    // Deeper than Node-RED can copy, as it must for its Catch nodes.
    const deep = "[".repeat(20_000) + "]".repeat(20_000);
    const tooLong = "x".repeat(MAX_TEXT_BYTES);
    const wrong: [unknown, RegExp, Record<string, string>?][] = [
      [comment(1, { action: "pinned" }), /msg\.payload\.action is "pinned", expected "created"/],
      [comment(1, { comment: { id: [], text: 5 } }), /msg\.payload\.comment\.id .*msg\.payload\.comment\.text is 5/],
      [comment(1, { comment: { id: 1, text: tooLong } }), /msg\.payload\.comment\.text/],
      [{ zen: "Keep it simple." }, /the X-GitHub-Event header is "ping"/, { "x-github-event": "ping" }],
      [{ hello: "world" }, /msg\.payload/],
      ["hello", /msg\.payload/, { "content-type": "text/plain" }],
      [`{"comment":${deep}}`, /msg\.payload/],
      [`${JSON.stringify(comment()).slice(0, -1)},"more":${deep}}`, /msg\.payload\.more is nested too deeply/],
    ];
    for (const [payload, expected, headers] of wrong) {
      const { status, answer } = await pipeline.post(payload, headers);
      assert.equal(status, 400);
      const { accepted, error } = answer as { accepted: boolean; error: string };
      assert.equal(accepted, false);
      assert.match(error, expected);
    }
    assert.deepEqual(pipeline.lanes(), []);
  });

  it("warns owners, then disables and tells them, each once; holds what comes, and sends it in order when enabled", async () => {
    pipeline.press("answer 500");
    await pipeline.accepted(comment("first"));
    await pipeline.accepted(comment("second"));
    await pipeline.next("integration-health-check", 1, 2);
    await pipeline.owners(everyOwner("any").length);
    assert.deepEqual(told(await pipeline.mails(), NAMES), everyOwner("at-risk"));

    await pipeline.accepted(comment("third"));
    await pipeline.accepted(comment("fourth"));
    await pipeline.next("integration-health-check", 2, 2);
    await pipeline.owners(everyOwner("any").length);
    assert.deepEqual(told(await pipeline.mails(), NAMES), everyOwner("at-risk", "disabled"));
    for (const { status, audit, generation } of await pipeline.states()) {
      assert.equal(status, "disabled");
      assert.equal(generation, 2);
      assert.deepEqual(
        audit.map(({ action, by }) => [action, by]),
        [
          ["at-risk", "rule consecutive"],
          ["disabled", "rule consecutive"],
        ],
      );
    }

    await pipeline.idle();
    const sentBefore = pipeline.relay.requests.length;
    for (const action of ["created", "updated", "deleted"]) await pipeline.accepted(comment("held", { action }));
    await pipeline.idle();
    assert.equal(pipeline.relay.requests.length, sentBefore);
    assert.deepEqual(
      pipeline.lanes().map(({ lane, waiting }) => [lane.state, waiting]),
      [
        ["held", 7],
        ["held", 7],
      ],
    );

    pipeline.press("fine");
    pipeline.press("enable the standard one");
    pipeline.press("enable the Sentry one");
    const enabled = await pipeline.next("integration-health-check", 3, 2);
    for (const { health } of enabled) {
      const { status, verdict, change } = health as { status: string; verdict: unknown; change: { by: string } };
      assert.deepEqual([status, verdict, change.by], ["active", null, "a person at the buttons"]);
    }
    await pipeline.next("webhook-send", 0, 14);
    for (const scheme of ["standard", "sentry"] as const) {
      const sent = pipeline.relay.requests.slice(sentBefore).filter(sentTo(scheme));
      for (const request of sent) verify(request);
      assert.deepEqual(
        sent.filter(isAbout("held")).map((request) => bodyOf(request).type ?? bodyOf(request).action),
        ["created", "updated", "deleted"].map((action) => (scheme === "standard" ? `comment.${action}` : action)),
      );
    }
    await pipeline.owners(everyOwner("any").length);
    assert.deepEqual(told(await pipeline.mails(), NAMES), everyOwner("at-risk", "disabled", "active"));

    // The record starts afresh: with the failures from before, one more would be too many.
    pipeline.press("answer 500");
    await pipeline.accepted(comment("after"));
    await pipeline.next("webhook-send", 1, 2);
    for (const { status, generation } of await pipeline.states()) assert.deepEqual([status, generation], ["active", 3]);
  });

  it("disables at once and for good what answers 410, and says who asked for it", async () => {
    pipeline.press("answer 410");
    await pipeline.accepted(comment());
    const disabled = await pipeline.next("integration-health-check", 2, 2);
    for (const { health } of disabled) {
      const { change } = health as { change: { cause: string; by: string; from: string } };
      assert.deepEqual([change.from, change.cause, change.by], ["active", "receiver", "410"]);
    }
    await pipeline.owners(everyOwner("any").length);
    assert.deepEqual(told(await pipeline.mails(), NAMES), everyOwner("disabled"));
  });

  for (const [button, outcome, reason] of [
    ["answer 404", "error", "http-404"],
    ["hang up", "timeout", "reset"],
    ["slow", "timeout", "timeout"],
  ] as const) {
    it(`will try again after "${button}", and groups it as a failure that is new`, async () => {
      if (button === "slow") await pipeline.import({ integrations: { timeout: 200 } });
      pipeline.press(button);
      await pipeline.accepted(comment());
      for (const { delivery } of await pipeline.next("webhook-send", 1, 2)) {
        const failed = delivery as { outcome: string; reason: string; nextAttemptAt: string };
        assert.deepEqual([failed.outcome, failed.reason], [outcome, reason]);
        assert.ok(failed.nextAttemptAt);
      }
      await pipeline.next("error-tracker", 1, 2);
      for (const { groups } of await pipeline.states()) {
        assert.deepEqual(
          groups.map((group) => [group.outcome, group.reason]),
          [[outcome, reason]],
        );
      }
    });
  }

  it("sends a test when asked, and enables what answers it", async () => {
    pipeline.press("disable the standard one");
    await pipeline.next("integration-health-check", 2, 1);
    pipeline.press("test, and enable if it answers");
    await pipeline.next("integration-health-check", 3, 1);
    pipeline.press("send a test");
    await pipeline.next("webhook-send", 0, 1);
    assert.deepEqual(
      pipeline.relay.requests.map((request) => bodyOf(request).type),
      ["webhook.test", "webhook.test"],
    );
    for (const request of pipeline.relay.requests) verify(request);
  });

  it("discards what waits, and sends it again when asked", async () => {
    pipeline.press("answer 404");
    await pipeline.accepted(comment());
    await pipeline.next("webhook-send", 1, 2);
    pipeline.press("discard what waits");
    await pipeline.next("webhook-send", 2, 1);
    pipeline.press("fine");
    pipeline.press("send again what was given up");
    const [again] = await pipeline.next("webhook-send", 0, 1);
    assert.equal((again as { delivery: { kind: string } } | undefined)?.delivery.kind, "replay");
  });
});
