/**
 * What the dialogs of all our nodes share: fields that Node-RED does not have (a list, yes or no, a choice that may come
 * from an environment variable) and validators that say in words what is wrong.
 *
 * Loaded by each node's .html before its own script, so several times; other files add to it. The words stand in the
 * catalogue of webhook-integration, under "dialog". Where Node-RED can fill in a property itself (text, named choices)
 * the field has Node-RED's own id; the others are read in oneditsave by `save`.
 */
window.commentWebhooks ??= (() => {
  const WORDS = "@comment-webhooks/node-red/webhook-integration:dialog.";

  /** What Node-RED replaces by the value of an environment variable: the whole value, or nothing. */
  const WHOLE_ENV = /^\$(?:\{[^\s{}]+\}|\([^\s()]+\))$/;
  const NUMBER = /^\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)\s*$/;
  const MAIL_ADDRESS = /^[^\s@<>()[\],;:\\"]+@[^\s@<>()[\],;:\\"]+$/;
  const NAMED_MAIL_ADDRESS = /^[^<>\r\n]*<[^\s@<>()[\],;:\\"]+@[^\s@<>()[\],;:\\"]+>$/;
  const UUID = /^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i;

  /** Fields of the dialogs that are open now, by node. */
  const openDialogs = new WeakMap();

  function words(key, values) {
    return RED._(WORDS + key, values);
  }

  function isEnv(value) {
    return typeof value === "string" && WHOLE_ENV.test(value.trim());
  }

  function isNumeric(value) {
    return typeof value === "string" && NUMBER.test(value);
  }

  // Rules: `test` tells whether a value is right; `wrong` names the sentence, with `values` in it, that says what would be.

  function number({ min, max, whole = true }) {
    return {
      wrong: whole ? "invalid.whole-number" : "invalid.number",
      values: { min: min.toLocaleString("en-US"), max: max.toLocaleString("en-US") },
      test(value) {
        if (typeof value !== "number" && !isNumeric(value)) return false;
        const found = Number(value);
        return found >= min && found <= max && (!whole || Number.isInteger(found));
      },
    };
  }

  /** A sequence of numbers, as text with commas or as an array. */
  function numbers({ min, max, most }) {
    const each = number({ min, max, whole: false });
    return {
      wrong: "invalid.numbers",
      values: { ...each.values, most },
      test: (value) => Array.isArray(value) && value.length <= most && value.every(each.test),
    };
  }

  function oneOf(...choices) {
    return {
      wrong: "invalid.choice",
      values: { choices: choices.join(", ") },
      test: (value) => choices.includes(value),
    };
  }

  const yesNo = {
    wrong: "invalid.yes-no",
    test: (value) => value === true || value === false || value === "true" || value === "false",
  };

  const filled = { wrong: "invalid.filled", test: (value) => String(value ?? "").trim() !== "" };

  const mailAddress = { wrong: "invalid.mail", test: (value) => MAIL_ADDRESS.test(value) };

  /** Also with a name: `Webhooks <webhooks@example.com>`. */
  const sender = {
    wrong: "invalid.sender",
    test: (value) => MAIL_ADDRESS.test(value) || NAMED_MAIL_ADDRESS.test(value),
  };

  const uuid = { wrong: "invalid.uuid", test: (value) => UUID.test(value) };

  const pattern = (wrong, expression) => ({ wrong, test: (value) => expression.test(value) });

  /** Environment variables may stand for parts of an address, too. */
  const httpUrl = {
    wrong: "invalid.url",
    test(value) {
      const text = String(value ?? "").trim();
      if (/^\$\{[^\s{}]+\}/.test(text)) return true;
      try {
        const url = new URL(text.replace(/\$\{[^{}]*\}/g, "1"));
        return /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
      } catch {
        return false;
      }
    },
  };

  /** The whole address, or an environment variable for the whole: nothing but an id fills in parts of it. */
  const linkAddress = {
    wrong: "invalid.link-address",
    test: (value) =>
      !/\$\{|\{\{(?!integration\}\})/.test(value) &&
      URL.canParse(value) &&
      /^https?:$/.test(new URL(value).protocol) &&
      !/\{|%7b/i.test(new URL(value).host),
  };

  /** Every entry passes `rule`, or is an environment variable. */
  function listOf(rule, { least = 0 } = {}) {
    return {
      wrong: rule.wrong,
      values: rule.values,
      test: (value) =>
        Array.isArray(value) && value.length >= least && value.every((entry) => isEnv(entry) || rule.test(entry)),
    };
  }

  function optional(rule) {
    return { ...rule, test: (value) => value === "" || value === null || rule.test(value) };
  }

  /**
   * A validator for `defaults`. A property that an older version of the node did not have is right: it gets its default.
   * @param label catalogue key of the field's name, with which the sentence begins
   * @param applies tells, by the node, whether the field is in use at all
   */
  function validator(label, rule, applies = () => true) {
    // Node-RED shows the returned sentence only if the validator takes two arguments.
    return function validate(value, _options) {
      if (value === undefined || isEnv(value) || !applies(this) || rule.test(value)) return true;
      return `${this._(label)}: ${words(rule.wrong, rule.values)}`;
    };
  }

  /** A property as it stands in the open dialog, or else in the node. */
  function current(node, property) {
    const dialog = openDialogs.get(node);
    if (dialog && RED.editor.getEditStack().includes(node)) {
      const input = dialog.input(property);
      if (input.length > 0) return input.val();
    }
    return node[property] ?? node._def.defaults[property].value;
  }

  function markWrong(input, sentence) {
    input.toggleClass("input-error", sentence !== null);
    if (sentence === null) input.removeAttr("title");
    else input.attr("title", sentence);
  }

  function checkWhileTyping(input, rule) {
    const check = () => {
      const value = String(input.val()).trim();
      markWrong(input, value === "" || isEnv(value) || rule.test(value) ? null : words(rule.wrong, rule.values));
    };
    input.on("input change", check);
    check();
  }

  /** Rows of an editable list, without those that are fading out because they were just removed. */
  function rowsOf(list) {
    return list
      .editableList("items")
      .get()
      .map((row) => $(row))
      .filter((row) => row.closest(".red-ui-editableList-item-deleting").length === 0);
  }

  function envInput(value) {
    return $("<input>", {
      type: "text",
      class: "cw-env",
      placeholder: `\${NAME}`,
      "aria-label": words("env"),
    })
      .val(isEnv(value) ? value : "")
      .attr("title", words("env-hint"));
  }

  /** Adds to a select the choice of an environment variable, with a text field for its name beside it. */
  function allowEnv(select, value) {
    const option = $("<option>", { value: isEnv(value) ? value : "" })
      .text(words("env"))
      .appendTo(select);
    const input = envInput(value).insertAfter(select);
    const show = () => input.toggle(option.prop("selected"));
    const check = () => {
      const wrong = option.prop("selected") && !isEnv(input.val());
      markWrong(input, wrong ? words("invalid.env") : null);
    };
    if (isEnv(value)) option.prop("selected", true);
    select.on("change", () => {
      show();
      check();
    });
    input.on("input", () => {
      option.val(input.val().trim());
      option.prop("selected", true);
      select.trigger("change");
    });
    show();
  }

  /**
   * Begins editing a node: shows the defaults of properties that its version did not have yet, and returns the dialog's
   * fields. The node itself stays as it is until `save`, so that cancelling changes nothing.
   */
  function open(node) {
    const prefix = node._def.category === "config" ? "node-config" : "node";
    const input = (property) => $(`#${prefix}-input-${property}`);
    const field = (property) => $(`#${prefix}-field-${property}`);
    const values = {};
    const readers = new Map();

    for (const [property, { value, type }] of Object.entries(node._def.defaults)) {
      const missing = node[property] === undefined || node[property] === null;
      values[property] = missing ? structuredClone(value) : node[property];
      if (missing && type === undefined && input(property).length > 0) input(property).val(value);
    }

    const dialog = {
      values,
      input,
      field,

      /** Reads a property from somewhere else than an input of Node-RED's. `undefined` leaves it as it is. */
      read(property, reader) {
        readers.set(property, reader);
      },

      /** An input that holds a number or an environment variable: stored as a number. */
      number(...properties) {
        for (const property of properties) {
          dialog.read(property, () => {
            const text = String(input(property).val()).trim();
            return isNumeric(text) ? Number(text) : text;
          });
        }
      },

      /** A select of Node-RED's own, which may also come from an environment variable. */
      choice(...properties) {
        for (const property of properties) allowEnv(input(property), values[property]);
      },

      /** A select with the options `true` and `false`. */
      yesNo(...properties) {
        for (const property of properties) {
          const select = field(property);
          select.val(String(values[property]));
          allowEnv(select, values[property]);
          dialog.read(property, () => {
            const chosen = select.val();
            return chosen === "true" || chosen === "false" ? chosen === "true" : chosen;
          });
        }
      },

      /** A box of checkboxes, whose values make the list. */
      checkboxes(property) {
        const box = field(property);
        const boxes = box.find("input[type=checkbox]");
        const value = values[property];
        const chosen = Array.isArray(value) ? value : [];
        boxes.each((_index, element) => $(element).prop("checked", chosen.includes(element.value)));
        const byEnv = $("<input>", { type: "checkbox" }).prop("checked", isEnv(value));
        const name = envInput(value);
        $("<div>")
          .append($("<label>").append(byEnv, $("<span>").text(words("env"))), name)
          .appendTo(box);
        const show = () => {
          name.toggle(byEnv.prop("checked"));
          boxes.prop("disabled", byEnv.prop("checked"));
        };
        const check = () => markWrong(name, byEnv.prop("checked") && !isEnv(name.val()) ? words("invalid.env") : null);
        byEnv.on("change", () => {
          show();
          check();
        });
        name.on("input", check);
        show();
        dialog.read(property, () => {
          if (byEnv.prop("checked")) return name.val().trim();
          return boxes
            .filter(":checked")
            .get()
            .map((element) => element.value);
        });
      },

      /** An ordered list of texts. A single entry that is an environment variable stands for the whole list. */
      list(property, { rule, placeholder, add }) {
        const list = field(property);
        list.editableList({
          addButton: add,
          height: "auto",
          class: "cw-list",
          sortable: true,
          removable: true,
          addItem(row, _index, entry) {
            const text = $("<input>", { type: "text", class: "cw-entry", placeholder }).val(entry.text ?? "");
            row.append(text);
            checkWhileTyping(text, rule);
            if (entry.text === undefined) setTimeout(() => text.trigger("focus"), 0);
          },
        });
        const value = values[property];
        const entries = Array.isArray(value) ? value : value === "" ? [] : [value];
        for (const text of entries) list.editableList("addItem", { text: String(text) });
        dialog.read(property, () => {
          const texts = rowsOf(list)
            .map((row) => row.find(".cw-entry").val().trim())
            .filter((text) => text !== "");
          return texts.length === 1 && isEnv(texts[0]) ? texts[0] : texts;
        });
      },

      /** A property as it stands in the dialog, whether or not it is right. */
      entered(property) {
        const reader = readers.get(property);
        return reader === undefined ? input(property).val() : reader();
      },

      save() {
        for (const [property, reader] of readers) {
          const value = reader();
          if (value !== undefined) node[property] = value;
        }
        // A later version's flow stays what it is: the runtime says that the package must be updated.
        node.version = Math.max(Number(node.version) || 1, node._def.defaults.version.value);
      },
    };
    openDialogs.set(node, dialog);
    return dialog;
  }

  /** Stores what the open dialog holds in the node. */
  function save(node) {
    openDialogs.get(node)?.save();
    openDialogs.delete(node);
  }

  /**
   * Tabs within a dialog. Each tab is a `div` in `container` whose `data-tab` is its catalogue key; `shown` is called with
   * the key of each that is shown.
   */
  function tabs(node, container, shown = () => {}) {
    const pages = container.children("[data-tab]");
    const bar = $("<ul>").insertBefore(container);
    const strip = RED.tabs.create({
      element: bar,
      onchange(tab) {
        pages.hide();
        tab.page.show();
        shown(tab.page.attr("data-tab"));
      },
    });
    pages.each((index, element) => {
      strip.addTab({ id: `cw-tab-${index}`, label: node._(element.dataset.tab), page: $(element) });
    });
  }

  /** A number of bytes as a person would say it. */
  function bytes(value) {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    const power = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), units.length - 1);
    return `${Number((value / 1024 ** power).toFixed(2))} ${units[power]}`;
  }

  /**
   * Asks the runtime something, or with a body: tells it. Resolves with the answer, rejects with an Error whose message is
   * a sentence for the flow author. The address is relative, so that the editor adds its own root and log-in.
   */
  function ask(path, body) {
    const told = { type: "POST", contentType: "application/json", data: JSON.stringify(body) };
    return new Promise((resolve, reject) => {
      $.ajax({ url: `comment-webhooks/${path}`, dataType: "json", ...(body === undefined ? {} : told) })
        .done(resolve)
        .fail(({ status, responseJSON }) => {
          const forbidden = status === 401 || status === 403;
          const sentence = responseJSON?.error ?? words(forbidden ? "ask.forbidden" : "ask.failed", { status });
          reject(new Error(sentence));
        });
    });
  }

  if ($("#comment-webhooks-style").length === 0) {
    $("<link>", {
      id: "comment-webhooks-style",
      rel: "stylesheet",
      href: `${RED.settings.apiRootUrl}resources/@comment-webhooks/node-red/dialog-fields.css`,
    }).appendTo("head");
  }

  return {
    allowEnv,
    ask,
    bytes,
    checkWhileTyping,
    current,
    filled,
    httpUrl,
    isEnv,
    listOf,
    mailAddress,
    markWrong,
    number,
    numbers,
    oneOf,
    open,
    optional,
    pattern,
    rowsOf,
    save,
    sender,
    tabs,
    uuid,
    validator,
    linkAddress,
    words,
    yesNo,
  };
})();
