import assert from "node:assert/strict";
import { RunningExample } from "./running-example";

const INTEGRATION = "Receiver with a guardian";

interface Changed {
  health: { change: { to: string; cause: string; by: string; dryRun: boolean } };
}

describe("the example of approval before disabling", () => {
  let example: RunningExample;

  const page = async () => (await fetch(`${example.runtime.url}/approvals`)).text();
  const questionsIn = (html: string) => [...html.matchAll(/name="question" value="([^"]*)"/g)].map(([, id = ""]) => id);
  /** Answers a question as the page's form does. */
  const answer = async (question: string, chosen: string) => {
    const response = await fetch(`${example.runtime.url}/approvals`, {
      method: "POST",
      body: new URLSearchParams({ question, answer: chosen }),
    });
    assert.equal(new URL(response.url).pathname, "/approvals");
    return questionsIn(await response.text());
  };
  const changeFrom = async (port: number) => {
    const { to, cause, by, dryRun } = ((await example.next("still healthy?", port)) as unknown as Changed).health
      .change;
    return { to, cause, by, dryRun };
  };
  /** Lets the receiver fail until the health check would disable its integration, and someone is asked. */
  const failUntilAsked = async () => {
    example.press("broken");
    example.press("a comment is made");
    assert.deepEqual(await changeFrom(2), { to: "disabled", cause: "rule", by: "consecutive", dryRun: true });
    await example.next("ask, or no longer");
    const [question, ...others] = questionsIn(await page());
    assert.ok(question && others.length === 0);
    return question;
  };

  before(async () => {
    example = await RunningExample.start("02 - Approval before disabling.json");
  });
  after(() => example.stop());
  beforeEach(() =>
    example.import((node) => {
      if (node.type === "webhook-integration") node.retries = [0, 0, 0];
    }),
  );

  it("asks, and disables nothing and tells nobody before it is answered", async () => {
    await failUntilAsked();
    assert.match(await page(), /4 failed attempts in a row/);
    const { status, audit } = await example.state(INTEGRATION);
    assert.deepEqual([status, audit[0]], ["active", "disabled (dry run) by rule consecutive"]);
    assert.deepEqual([await example.mails(), example.arrived("really?", 1)], [[], []]);
  });

  it("disables once when it is approved, however often it is answered, and then tells the owner who did", async () => {
    const question = await failUntilAsked();
    const open = await Promise.all([1, 2, 3].map(() => answer(question, "disable")));
    assert.deepEqual(open, [[], [], []]);
    assert.deepEqual(await changeFrom(2), { to: "disabled", cause: "person", by: "Grace", dryRun: false });
    await example.next("tell owners");
    const [mail, ...others] = await example.mails();
    assert.equal(others.length, 0);
    assert.equal(mail?.subject, `${INTEGRATION} has been switched off`);
    assert.match(String(mail?.text), /has been switched off by Grace\./);
    assert.equal(example.arrived("take the answer").length, 1);
    const { status, audit } = await example.state(INTEGRATION);
    assert.deepEqual(
      [status, audit.filter((entry) => entry.startsWith("disabled by"))],
      ["disabled", ["disabled by Grace"]],
    );
  });

  it("leaves it on when that is the answer, and does not ask again while it goes on failing", async () => {
    const question = await failUntilAsked();
    assert.deepEqual(await answer(question, "leave"), []);
    example.press("a comment is made");
    // The first and the third failure changed nothing, nor does the fifth.
    for (const _ of ["first", "third", "fifth"]) await example.next("still healthy?", 0);
    assert.deepEqual(questionsIn(await page()), []);
    assert.deepEqual([example.arrived("take the answer"), await example.mails()], [[], []]);
    assert.equal((await example.state(INTEGRATION)).status, "active");
  });

  it("takes no answer to what is not asked", async () => {
    const question = await failUntilAsked();
    assert.deepEqual(await answer("another", "disable"), [question]);
    assert.deepEqual(example.arrived("take the answer"), []);
  });

  it("no longer asks when the receiver has recovered by itself, and asks anew when it breaks again", async () => {
    await failUntilAsked();
    example.press("fine");
    example.press("a comment is made");
    assert.deepEqual((await changeFrom(3)).dryRun, true);
    await example.next("ask, or no longer");
    assert.deepEqual(questionsIn(await page()), []);
    example.press("broken");
    example.press("a comment is made");
    await example.next("ask, or no longer");
    assert.equal(questionsIn(await page()).length, 1);
  });

  it("is answered and undone by its buttons", async () => {
    await failUntilAsked();
    example.press("disable it");
    assert.equal((await changeFrom(2)).cause, "person");
    await example.next("tell owners");
    example.press("fine");
    example.press("enable it again");
    assert.equal((await changeFrom(3)).dryRun, false);
    await example.next("tell owners");
    assert.equal((await example.mails()).length, 2);
  });

  it("shows what strangers wrote as text", async () => {
    await example.import((node) => {
      if (node.type === "webhook-integration")
        Object.assign(node, { retries: [0, 0, 0], url: `${String(node.url)}?"><b>` });
    });
    await failUntilAsked();
    assert.doesNotMatch(await page(), /<b>/);
  });
});
