import assert from "node:assert/strict";
import { composeMail } from "../../../nodes/lib/notify/compose-mail";
import type { Notice } from "../../../nodes/lib/notify/mail-queue";
import { MAIL_KINDS, type MailTemplates } from "../../../nodes/lib/notify/mail-templates";
import type { Meanwhile } from "../../../nodes/lib/notify/meanwhile";
import { HOUR_MS } from "../../../nodes/lib/time/utc-day";
import { day, MONDAY, sampleFacts, sampleFailure, sampleNotice, sampleTransition } from "./sample-notice";

function compose(notices: Notice[], baseUrl = "", templates: MailTemplates = {}) {
  return composeMail({ notices, baseUrl, templates, nowMs: MONDAY });
}

/** What a reader sees of HTML. */
function shown(html: string): string {
  return html
    .replace(/<(style|title)>.*?<\/\1>/gs, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&#x2F;/g, "/")
    .replace(/&#x3D;/g, "=")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/\s+/g, " ");
}

const disabled = (cause: Parameters<typeof sampleTransition>[0] = {}) =>
  sampleNotice({ transition: sampleTransition({ from: "at-risk", to: "disabled", ...cause }) });

describe("composeMail", () => {
  it("says which integration, since when, why, how often, what failed last and where, in text and HTML alike", () => {
    const { subject, text, html } = compose([sampleNotice()]);
    assert.equal(subject, "Webhooks to Build bot are failing");
    for (const body of [text, shown(html)]) {
      for (const said of [
        "Build bot",
        "Acme",
        "23 November 2026, 10:15 UTC",
        "No success since 18 November, 214 failed attempts, most often 500.",
        "https://hooks.example.com/comments?token=***",
        "2026-11-18",
        "117",
        "It answered 500.",
        "23 November 2026, 10:14 UTC",
        "relation “comments” does not exist",
        "What to do now",
        "Check that the receiver is running",
      ]) {
        assert.ok(body.includes(said), `${said} in ${body}`);
      }
    }
  });

  it("adds up what a day holds: answers other than 2xx as errors, generations together", () => {
    const transition = sampleTransition();
    transition.snapshot.days = [
      day("2026-11-23", { generation: 2, http4xx: 1, http429: 2, http5xx: 4, otherAnswer: 8 }),
      day("2026-11-23", { success: 3, noAnswer: 5, fatal: 1 }),
    ];
    const { text } = compose([sampleNotice({ transition })]);
    assert.match(text, /2026-11-23: delivered 3, errors 15, no answer 5, asked to stop 1\n/);
  });

  it("shows the last seven days that have attempts", () => {
    const transition = sampleTransition();
    transition.snapshot.days = Array.from({ length: 9 }, (_, index) => day(`2026-11-${23 - index}`, { http5xx: 1 }));
    const { text } = compose([sampleNotice({ transition })]);
    assert.deepEqual(text.match(/2026-11-\d\d(?=:)/g)?.length, 7);
    assert.ok(text.includes("2026-11-17:"));
    assert.ok(!text.includes("2026-11-16:"));
  });

  it("says who or what switched it off", () => {
    assert.match(compose([disabled({ cause: { cause: "person", by: "anna" } })]).text, /Why: Switched off by anna\.\n/);
    assert.match(compose([disabled({ cause: { cause: "receiver", signal: "410" } })]).text, /answered 410 Gone/);
    assert.match(
      compose([disabled({ cause: { cause: "receiver", signal: "header" } })]).text,
      /“webhook-delivery: disable”/,
    );
  });

  it("does not ask to find out why a person switched it off, but whom to ask", () => {
    const byAnna = disabled({ cause: { cause: "person", by: "anna" } });
    const byPeople = compose([byAnna]);
    for (const body of [byPeople.text, shown(byPeople.html).replace(/ ([.,])/g, "$1")]) {
      assert.match(body, /switched off by\s+anna\b/);
      assert.match(body, /1\.\s+If you did not expect this, ask whoever switched it off, named above\./);
      assert.doesNotMatch(body, /Find out why/);
      assert.match(body, /Switched off:?\s+23 November 2026, 10:15 UTC/);
    }
    for (const { text, html } of [compose([disabled()]), compose([byAnna, disabled()])]) {
      for (const body of [text, html]) {
        assert.match(body, /Find out why/);
        assert.doesNotMatch(body, /If you did not expect this/);
      }
    }
  });

  it("shows an old failure of what a person switched off only if it was failing", () => {
    const cause = { cause: "person", by: "anna" } as const;
    const well = disabled({ cause, snapshot: { days: [], lastFailure: sampleFailure, failuresInARow: 0 } });
    assert.doesNotMatch(compose([well]).text, /Last failure/);
    assert.match(compose([disabled({ cause })]).text, /Last failure/);
  });

  it("says what becomes of webhooks while it is switched off, and when it is on again", () => {
    const held = (waiting: number) => ({ webhooks: "held", days: 7, limit: 10_000, waiting }) as const;
    const told = (meanwhile: Meanwhile, changes: Parameters<typeof sampleTransition>[0]) => {
      const transition = sampleTransition(changes);
      const { text, html } = compose([sampleNotice({ transition, integration: sampleFacts({ meanwhile }) })]);
      const said = /\nWebhooks: (.*)\n/.exec(text)?.[1] ?? "";
      assert.ok(shown(html).includes(said));
      return said;
    };
    const off = { from: "at-risk", to: "disabled" } as const;
    const on = { from: "disabled", to: "active", cause: { cause: "person", by: "anna" } } as const;
    assert.equal(
      told(held(3), off),
      "3 webhooks are held already. New ones are held for 7 days, at most 10,000 webhooks; beyond that the oldest are " +
        "given up. When it is switched on again, what is held is sent, oldest first and a few at a time.",
    );
    assert.match(told(held(0), off), /^New ones are held for 7 days/);
    assert.match(told({ webhooks: "dropped" }, off), /^New ones are dropped, not held/);
    assert.equal(told(held(1), on), "1 webhook held meanwhile goes out now, oldest first and a few at a time.");
    assert.equal(told(held(0), on), "");
    assert.match(told({ webhooks: "dropped" }, on), /were dropped/);
    assert.equal(told(held(2), {}), "", "at risk, nothing is held");
    assert.equal(told(held(2), { from: "at-risk", to: "active" }), "", "it was never off");
    assert.doesNotMatch(compose([disabled()]).text, /\nWebhooks:/, "nothing is known of its settings");
  });

  it("says of at risk when it can be switched off at the earliest, and what stops that", () => {
    const atRisk = (changes: Parameters<typeof sampleTransition>[0]) =>
      compose([sampleNotice({ transition: sampleTransition(changes) })]);
    const { text, html } = atRisk({ notBefore: MONDAY + 24 * HOUR_MS });
    for (const body of [text, shown(html)]) {
      assert.match(body, /If it goes on:?\s+Switched off on 24 November 2026, 10:15 UTC at the earliest/);
      assert.match(
        body,
        /What stops that:?\s+A webhook that is answered with a status from 200 to 299\. One is enough\./,
      );
    }
    assert.match(atRisk({ rule: "timeouts-per-day" }).text, /What stops that: Answers in time\./);
    assert.match(atRisk({ rule: "failure-rate" }).text, /What stops that: Webhooks answered .*, until few fail/);
    assert.doesNotMatch(atRisk({ notBefore: MONDAY }).text, /at the earliest/);
    assert.doesNotMatch(compose([disabled()]).text, /at the earliest|What stops that/);
  });

  it("tells enabling again from recovering", () => {
    const enabled = sampleTransition({ from: "disabled", to: "active", cause: { cause: "person", by: "anna" } });
    const recovered = sampleTransition({ from: "at-risk", to: "active", cause: { cause: "recovered" } });
    assert.match(
      compose([sampleNotice({ transition: enabled })]).text,
      /switched on again, and webhooks are being sent/,
    );
    assert.match(compose([sampleNotice({ transition: recovered })]).text, /get through again\. The warning has ended/);
  });

  it("can be read where nothing has failed and no organization is known", () => {
    const transition = sampleTransition({ snapshot: { days: [], lastFailure: null, failuresInARow: 0 } });
    const { text, html } = compose([sampleNotice({ transition, integration: sampleFacts({ organization: "" }) })]);
    assert.ok(!text.includes("Last failure") && !html.includes("Last failure"));
    assert.ok(!text.includes("()") && !text.includes("Attempts on"));
  });

  it("says in words why no answer came", () => {
    const transition = sampleTransition();
    transition.snapshot.lastFailure = { ...sampleFailure, statusCode: 0, reason: "timeout", responseBody: "" };
    const { text } = compose([sampleNotice({ transition })]);
    assert.match(text, /Last failure: No answer came in time\./);
    assert.ok(!text.includes("answer begins"));
  });

  it("links to the address as it is given, once, and nowhere without one", () => {
    const notices = [disabled(), disabled()];
    const { text, html } = compose(notices, "https://app.example.com/hooks?view=all&team=1");
    assert.match(text, /\nSee https:\/\/app\.example\.com\/hooks\?view=all&team=1\n/);
    assert.match(text, /Have it switched on again: at the address above, or by the people who send/);
    assert.deepEqual(html.match(/href="[^"]*"/g), [
      'href="https:&#x2F;&#x2F;app.example.com&#x2F;hooks?view&#x3D;all&amp;team&#x3D;1"',
    ]);
    assert.doesNotMatch(text, /Its page/);
    const unlinked = compose(notices);
    assert.doesNotMatch(unlinked.html, /href/);
    assert.doesNotMatch(unlinked.text, /\nSee /);
    assert.match(unlinked.text, /Ask the people who send you these webhooks to switch it on again/);
  });

  it("links each integration to a page of its own where the address has a place for its id", () => {
    const pages = (baseUrl: string, id: string) =>
      compose([sampleNotice({ integration: sampleFacts({ id }) })], baseUrl).text.match(/Its page: (.*)\n/)?.[1];
    const baseUrl = "https://app.example.com/hooks/{{integration}}/state?of={{integration}}";
    assert.equal(pages(baseUrl, "a/b ?"), "https://app.example.com/hooks/a%2Fb%20%3F/state?of=a%2Fb%20%3F");
    assert.equal(pages("https://app.example.com/#{{integration}}", "$&"), "https://app.example.com/#%24%26");
    assert.equal(pages("https://{{integration}}/", "evil.example"), undefined);
    assert.equal(pages("https://app.example.com/{{id}}", "a"), undefined);
    const { text, html } = compose([disabled()], baseUrl);
    assert.equal(html.match(/href="/g)?.length, 1);
    assert.match(text, /Switch it on again on its page, linked above/);
    assert.doesNotMatch(text, /\nSee /);
  });

  it("puts nothing but http and https into links", () => {
    for (const baseUrl of [
      "javascript:alert(1)",
      "data:text/html,x",
      "file:///etc",
      "app.example.com",
      "//x.example",
    ]) {
      const { html, text } = compose([sampleNotice()], baseUrl);
      assert.ok(!html.includes("href"), baseUrl);
      assert.ok(!text.includes("Its page") && !text.includes("See "), baseUrl);
    }
  });

  it("tells of several integrations in one mail", () => {
    const notices = ["Build bot", "Chat", "Mirror"].map((name, index) =>
      sampleNotice({ integration: sampleFacts({ id: `int-${index}`, name }) }),
    );
    const { subject, text } = compose(notices);
    assert.equal(subject, "Webhooks to 3 integrations are failing: Build bot, Chat and 1 more");
    for (const name of ["Build bot (Acme)", "Chat (Acme)", "Mirror (Acme)"]) assert.ok(text.includes(name));
  });

  it("lists the rest by name when there are very many", () => {
    const notices = Array.from({ length: 230 }, (_, index) =>
      sampleNotice({ integration: sampleFacts({ id: `int-${index}`, name: `Bot ${index}` }) }),
    );
    const { text, html } = compose(notices);
    assert.equal(text.match(/Webhook URL:/g)?.length, 25);
    assert.ok(text.includes("Bot 224 (Acme)"));
    assert.ok(!text.includes("Bot 225 (Acme)"));
    assert.match(text, /and 5 more/);
    assert.match(shown(html), /and 5 more/);
  });

  it("says which kind of change it is in each of the three", () => {
    const subjects = MAIL_KINDS.map((to) => compose([sampleNotice({ transition: sampleTransition({ to }) })]).subject);
    assert.deepEqual(subjects, [
      "Webhooks to Build bot are failing",
      "Build bot has been switched off",
      "Build bot is active again",
    ]);
  });

  describe("with hostile names and answers", () => {
    const markup = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;
    const hostile = () => {
      const transition = sampleTransition({ explanation: markup, cause: { cause: "rule", rule: markup } });
      transition.snapshot.lastFailure = { ...sampleFailure, url: `https://x.example/${markup}`, responseBody: markup };
      return sampleNotice({
        transition,
        integration: { id: markup, name: markup, organization: markup, url: `https://x.example/${markup}` },
      });
    };

    it("makes no tag and no attribute of them", () => {
      const tags = (html: string) => (html.match(/<\/?[a-z][^\s>]*/gi) ?? []).sort();
      const plain = sampleNotice();
      if (plain.transition.snapshot.lastFailure) {
        plain.transition.snapshot.lastFailure.responseBody = "one line";
      }
      const base = "https://app.example.com/{{integration}}";
      const { html } = compose([hostile()], base);
      assert.deepEqual(tags(html), tags(compose([plain], base).html));
      assert.ok(!/<[^>]*\sonerror/i.test(html));
    });

    it("keeps line breaks and control characters out of the subject", () => {
      const name = "Bot\r\nBcc: everyone@example.com\u0000\u2028\u0085\u001b[31m";
      const { subject } = compose([sampleNotice({ integration: sampleFacts({ name }) })]);
      assert.equal(subject, "Webhooks to Bot Bcc: everyone@example.com [31m are failing");
    });

    it("keeps marks that reorder text out of all parts", () => {
      const name = "\u202egnp.exe\u2066x\u200b";
      const transition = sampleTransition();
      transition.snapshot.lastFailure = { ...sampleFailure, responseBody: "\u202eabc\u0007" };
      const { subject, text, html } = compose([sampleNotice({ transition, integration: sampleFacts({ name }) })]);
      for (const part of [subject, text, html]) {
        assert.ok(part.includes("gnp.exex"));
        assert.doesNotMatch(part, /[\u202a-\u202e\u2066-\u2069\u200b]|\p{Cc}(?<!\n)/u);
      }
    });

    it("cuts long names without breaking a character", () => {
      const { subject, text } = compose([sampleNotice({ integration: sampleFacts({ name: "🦊".repeat(100_000) }) })]);
      assert.ok(Array.from(subject).length <= 150);
      assert.doesNotMatch(subject + text, /\p{Surrogate}|\ufffd/u);
      assert.ok(text.length < 5_000);
    });

    it("shows at most a few lines of an answer, each of bounded length", () => {
      const transition = sampleTransition();
      const responseBody = "x".repeat(500) + "\n" + "line\n".repeat(100);
      transition.snapshot.lastFailure = { ...sampleFailure, responseBody };
      const quoted = compose([sampleNotice({ transition })]).text.match(/^ {2}\| .*$/gm) ?? [];
      assert.equal(quoted.length, 9);
      assert.equal(quoted.at(-1), "  | …");
      for (const line of quoted) assert.ok(line.length <= 124);
    });

    it("shows names of any script unharmed", () => {
      for (const name of ["שלום", "नमस्ते", "家族", "👩‍👩‍👧", "Ünïcødé", "می‌خواهم"]) {
        const { subject, text, html } = compose([sampleNotice({ integration: sampleFacts({ name }) })]);
        for (const part of [subject, text, html]) assert.ok(part.includes(name), name);
      }
    });

    it("does not expand Mustache in names", () => {
      const { subject, text } = compose([sampleNotice({ integration: sampleFacts({ name: "{{written}}{{{id}}}" }) })]);
      assert.equal(subject, "Webhooks to {{written}}{{{id}}} are failing");
      assert.ok(text.includes("{{written}}{{{id}}}"));
    });
  });

  describe("with templates of one's own", () => {
    it("uses the parts given and keeps the others", () => {
      const templates: MailTemplates = {
        "at-risk": { subject: "{{count}}: {{names}} & co", html: "<b>{{names}}</b>" },
      };
      const integration = sampleFacts({ name: "A < B" });
      const mail = compose([sampleNotice({ integration })], "", templates);
      assert.equal(mail.subject, "1: A < B & co");
      assert.equal(mail.html, "<b>A &lt; B</b>");
      assert.match(mail.text, /What to do now/);
      assert.match(compose([disabled()], "", templates).subject, /switched off/);
    });

    it("puts the subject on one line", () => {
      const templates = { "at-risk": { subject: "{{names}}\n\nBcc: x@example.com" } };
      assert.equal(compose([sampleNotice()], "", templates).subject, "Build bot Bcc: x@example.com");
    });
  });
});
