/**
 * In the dialog of integration-health-check: what the rules as they stand there would have done to a deployed integration,
 * by its stored counts. Loaded after dialog-fields.js.
 */
commentWebhooks.previewRules = (() => {
  const WORDS = "integration-health-check.preview.";
  const DAY_MS = 86_400_000;

  /** A UTC day in words: `"16 November"`. */
  function dayInWords(time) {
    return new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "long", timeZone: "UTC" });
  }

  /** Config nodes that the runtime may know. */
  function integrations() {
    const found = [];
    RED.nodes.eachConfig((node) => {
      if (node.type === "webhook-integration" && !node.d) found.push(node);
    });
    return found.sort((a, b) => RED.utils.getNodeLabel(a, a.id).localeCompare(RED.utils.getNodeLabel(b, b.id)));
  }

  /** The settings as the runtime takes them; null if some come from an environment variable, known only there. */
  function entered(dialog) {
    const counting = dialog.entered("counting");
    if (counting === "sentry") return { counting, rules: [], warnAt: dialog.entered("warnAt") };
    const settings = { counting };
    for (const property of ["rules", "warnAt", "minWarning"]) settings[property] = dialog.entered(property);
    const { isEnv } = commentWebhooks;
    const numbers = Array.isArray(settings.rules) ? settings.rules.flatMap((rule) => Object.values(rule)) : [];
    return Object.values(settings).concat(numbers).some(isEnv) ? null : settings;
  }

  /** Shows the preview in `box` when `button` is pressed. */
  return function offer(node, dialog, { select, button, box }) {
    const word = (key, values) => node._(WORDS + key, values);
    const known = integrations();
    for (const integration of known) {
      $("<option>", { value: integration.id })
        .text(RED.utils.getNodeLabel(integration, integration.id))
        .appendTo(select);
    }
    if (known.length === 0) $("<option>", { value: "" }).text(word("no-integration")).appendTo(select);
    button.prop("disabled", known.length === 0);

    const sentence = ({ to, at, explanation }) => word(to, { day: dayInWords(at), explanation });
    const show = ({ changes, days }) => {
      box.empty();
      if (days === null) {
        box.text(word("nothing-known"));
        return;
      }
      const [first, last] = [days.first, days.last].map((day) => Date.parse(`${day}T00:00:00Z`));
      const span = {
        count: Math.round((last - first) / DAY_MS) + 1,
        first: dayInWords(first),
        last: dayInWords(last),
      };
      $("<p>")
        .text(word(changes.length === 0 ? "nothing" : "something", span))
        .appendTo(box);
      const list = $("<ul>").appendTo(box);
      for (const change of changes) $("<li>").text(sentence(change)).appendTo(list);
      if (changes.length > 0) $("<p>").text(word("estimate")).appendTo(box);
    };

    button.on("click", async () => {
      const settings = entered(dialog);
      box.removeClass("cw-problem").text(settings === null ? word("from-env") : word("looking"));
      if (settings === null) return;
      button.prop("disabled", true);
      try {
        show(await commentWebhooks.ask(`integrations/${encodeURIComponent(select.val())}/preview-rules`, settings));
      } catch (error) {
        box.addClass("cw-problem").text(error.message);
      } finally {
        button.prop("disabled", false);
      }
    });
  };
})();
