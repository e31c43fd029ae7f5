/**
 * In the dialog of webhook-integration: how the deployed integration is, and what can be done to it at once: enable,
 * disable, send a test. Loaded after dialog-fields.js.
 */
commentWebhooks.integrationDesk = (() => {
  const WORDS = "webhook-integration.desk.";
  /** Reasons that are the receiver's, and for which no connection came about. */
  const UNCONNECTED = new Set(["dns", "refused"]);

  /** A moment in the reader's own time. */
  function moment(time) {
    return new Date(time).toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
  }

  function headerLines(headers) {
    return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  }

  /** Everything that came from elsewhere is put in as text, never as HTML. */
  function block(title, lines) {
    return [$("<div>", { class: "cw-hint" }).text(title), $("<pre>", { class: "cw-exchange" }).text(lines.join("\n"))];
  }

  /** Fills `page`, whose parts have `data-desk`. Returns what shows the present state, for when the page is opened. */
  return function openDesk(node, page) {
    const word = (key, values) => node._(WORDS + key, values);
    const part = (name) => page.find(`[data-desk="${name}"]`);
    const orders = page.find("button[data-order]");
    const path = (order = "") => `integrations/${encodeURIComponent(node.id)}${order}`;

    const say = (sentence, isProblem = false) => part("said").toggleClass("cw-problem", isProblem).text(sentence);

    const showState = ({ health, since, waiting, audit }) => {
      const disabled = health.status === "disabled";
      part("state").text(word(health.status, { since: moment(since) }));
      part("why").text(audit[0]?.detail ?? "");
      part("waiting").text(waiting === 0 ? "" : word(disabled ? "held" : "waiting", { count: waiting }));
      offer(disabled ? ["test", "test-and-enable", "enable"] : ["test", "disable"]);
      orders.prop("disabled", false);
    };

    const offer = (fitting) => {
      orders.each((_index, button) => $(button).toggle(fitting.includes(button.dataset.order)));
    };

    const refresh = async () => {
      orders.prop("disabled", true);
      if (!RED.nodes.node(node.id)) {
        part("state").text(word("undeployed"));
        return;
      }
      try {
        showState(await commentWebhooks.ask(path()));
      } catch (error) {
        part("state").text(error.message);
      }
    };

    const resultOf = ({ outcome, reason, statusCode }) => {
      if (outcome === "success") return "test-good";
      if (statusCode > 0) return "test-answered";
      if (reason === null) return "test-given-up";
      return outcome === null || UNCONNECTED.has(reason) ? `test-unsent.${reason}` : "test-unanswered";
    };

    const showTest = ({ url, responseBody, ...delivery }) => {
      const { statusCode, reason, gaveUp } = delivery;
      const result = resultOf(delivery);
      const values = { status: statusCode, ms: Math.round(delivery.durationMs), reason, gaveUp };
      say(word(result, values), result !== "test-good");
      if (result.startsWith("test-unsent") || result === "test-given-up") return;
      const answered = [`HTTP ${statusCode}`, ...headerLines(delivery.responseHeaders), "", responseBody];
      const sent = [`POST ${url}`, ...headerLines(delivery.requestHeaders), "", delivery.requestBody];
      part("exchange").append(block(word("sent"), sent));
      if (statusCode > 0) part("exchange").append(block(word("answered"), answered));
    };

    const give = async (order) => {
      orders.prop("disabled", true);
      part("exchange").empty();
      say(word("doing"));
      try {
        const answer = await commentWebhooks.ask(path(`/${order}`), {});
        say("");
        if (order === "test") showTest(answer);
        if (order === "test-and-enable") showTest(answer.delivery);
      } catch (error) {
        say(error.message, true);
      }
      await refresh();
    };
    offer(["test"]);
    orders.on("click", (event) => give(event.currentTarget.dataset.order));
    return refresh;
  };
})();
