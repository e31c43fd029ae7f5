import assert from "node:assert/strict";
import type { Message } from "../host/embedded-runtime";
import { RunningExample } from "./running-example";

const SLACK = "/played/slack";
const TEAMS = "/played/teams";
const SMS = "/played/sms";
const HOSTILE = "<!channel> & [co](https://example.org)";

const payloadOf = <Payload>(message: Message) => message.payload as Payload;

interface SlackMessage {
  text: string;
  blocks: { type: string; text: { type: string; text: string } }[];
}
interface TeamsMessage {
  type: string;
  attachments: { contentType: string; content: { body: { type: string; inlines: { text: string }[] }[] } }[];
}

describe("the example of telling owners in Slack, Teams or by SMS", () => {
  let example: RunningExample;

  before(async () => {
    example = await RunningExample.start("03 - Tell owners in Slack, Teams or by SMS.json");
  });
  after(() => example.stop());

  const failUntilTold = async (env: Record<string, string> = {}) => {
    await example.import((node) => {
      if (node.type === "webhook-integration") node.retries = [0, 0, 0];
      if (node.name === "Shop") node.name = HOSTILE;
      if (node.type === "notify-owners") node.digestDelay = 1;
      if (node.type !== "tab") return;
      const variables = node.env as { name: string; type: string; value: string }[];
      for (const variable of variables) {
        const value = env[variable.name];
        if (value !== undefined) Object.assign(variable, { type: "str", value });
      }
    });
    example.press("broken");
    example.press("a comment is made");
  };

  it("makes one message of both integrations for each service, and an SMS only of disabling", async () => {
    await failUntilTold();
    const kinds: string[] = [];
    const told = { slack: [] as SlackMessage[], teams: [] as TeamsMessage[] };
    for (const _ of ["at-risk", "disabled"]) {
      const { notification } = (await example.next("tell owners")) as unknown as {
        notification: { kind: string; items: unknown[] };
      };
      kinds.push(notification.kind);
      assert.equal(notification.items.length, 2);
      told.slack.push(payloadOf(await example.next(SLACK)));
      told.teams.push(payloadOf(await example.next(TEAMS)));
    }
    assert.deepEqual(kinds.sort(), ["at-risk", "disabled"]);

    for (const { text, blocks } of told.slack) {
      assert.match(text, /&lt;!channel&gt; &amp; \[co\]/);
      assert.deepEqual(
        blocks.map((block) => [block.type, block.text.type]),
        [
          ["header", "plain_text"],
          ["section", "plain_text"],
        ],
      );
      const lines = blocks[1]?.text.text.trim().split("\n") ?? [];
      assert.deepEqual(lines.map((line) => line.replace(/ (?:has been failing|is switched off) since .*/, "")).sort(), [
        `${HOSTILE} (demo)`,
        "Build bot (demo)",
      ]);
    }
    for (const { type, attachments } of told.teams) {
      const [card] = attachments;
      assert.deepEqual([type, card?.contentType], ["message", "application/vnd.microsoft.card.adaptive"]);
      assert.deepEqual(
        card?.content.body.map((block) => block.type),
        ["RichTextBlock", "RichTextBlock"],
      );
      assert.ok(card?.content.body[1]?.inlines[0]?.text.includes(HOSTILE));
    }
    const { To, From, Body } = payloadOf<Record<string, string>>(await example.next(SMS));
    assert.deepEqual([To, From], ["+4915550100", "+4915550199"]);
    assert.match(String(Body), /^2 integrations have been switched off/);
    assert.ok(String(Body).length <= 459);
    assert.deepEqual(example.arrived(SMS), []);

    // In the time of its delay both are enabled: one message again, and no SMS.
    example.press("fine");
    example.press("enable the shop");
    example.press("enable the build bot");
    assert.match(payloadOf<SlackMessage>(await example.next(SLACK)).text, /active again/);
    await example.next(TEAMS);
    assert.deepEqual([example.arrived(SLACK), example.arrived(SMS)], [[], []]);
    assert.deepEqual([example.arrived("taken?", 1), example.arrived("no answer")], [[], []]);
  });

  it("says which service did not take it, and still tells the others", async () => {
    const { url } = example.runtime;
    await failUntilTold({ SLACK_URL: `${url}/nobody-here`, TEAMS_URL: "http://127.0.0.1:1/" });
    assert.equal((await example.next("taken?", 1)).statusCode, 404);
    assert.match(String((await example.next("no answer")).error), /./);
    await example.next(SMS);
  });
});
