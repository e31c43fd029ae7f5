import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { CANVAS_TYPES, CONFIG_TYPES, CREDENTIALS, DEFAULTS, flowOf, TYPES } from "./node-types";
import { PACKAGE_FOLDER, useEditor } from "./use-editor";

interface Definition {
  category: string;
  color?: string;
  icon?: string;
  inputs?: number;
  outputs?: number;
  hasUsers?: boolean;
  defaults: Record<string, { value: unknown }>;
  credentials?: Record<string, { type: string }>;
  paletteLabel(): string;
  inputLabels?(port: number): string;
  outputLabels?(port: number): string;
}
declare const RED: {
  nodes: { getType(type: string): Definition; getNodeHelp(type: string): string };
};

describe("the palette", () => {
  const editor = useEditor(flowOf([]));
  const untranslated = new RegExp(`^(${TYPES.join("|")})\\.`);

  it("shows the five nodes in a category of their own, in the order of the pipeline", async () => {
    const category = editor.page.locator("#red-ui-palette-container-comment_webhooks");
    assert.equal(await category.locator(".red-ui-palette-header span").textContent(), "comment webhooks");
    const types = await category
      .locator(".red-ui-palette-node")
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute("data-palette-type")));
    assert.deepEqual(types, Object.keys(CANVAS_TYPES));
  });

  it("shows each node with an icon and a colour of its own", async () => {
    const looks = await editor.page.evaluate(
      (types) =>
        types.map((type) => {
          const { icon, color } = RED.nodes.getType(type);
          return { icon: icon ?? "", color: color ?? "" };
        }),
      Object.keys(CANVAS_TYPES),
    );
    assert.equal(new Set(looks.map(({ color }) => color)).size, looks.length);
    for (const { icon } of looks) {
      const address = new URL(`icons/@comment-webhooks/node-red/${icon}`, editor.session.url);
      const answer = await editor.page.request.get(address.href);
      assert.equal(answer.status(), 200, icon);
      const svg = await answer.text();
      assert.match(svg, /^<svg [^>]*viewBox="0 0 40 60"/, icon);
      assert.equal(svg, await readFile(path.join(PACKAGE_FOLDER, "icons", icon), "utf8"));
    }
  });

  it("names every port in words", async () => {
    for (const [type, outputs] of Object.entries(CANVAS_TYPES)) {
      const ports = await editor.page.evaluate((wanted) => {
        const definition = RED.nodes.getType(wanted);
        const named = Array.from({ length: definition.outputs ?? 0 }, (_, port) => definition.outputLabels?.(port));
        return { inputs: definition.inputs, input: definition.inputLabels?.(0), outputs: named };
      }, type);
      assert.equal(ports.inputs, 1, type);
      assert.equal(ports.outputs.length, outputs, type);
      for (const label of [ports.input, ...ports.outputs]) {
        assert.ok(label, type);
        assert.doesNotMatch(label, untranslated);
      }
      assert.equal(new Set(ports.outputs).size, outputs, type);
    }
  });

  it("gives new nodes the documented properties and credentials", async () => {
    for (const type of TYPES) {
      const found = await editor.page.evaluate((wanted) => {
        const { defaults, credentials } = RED.nodes.getType(wanted);
        const values = Object.entries(defaults).map(([property, { value }]) => [property, value] as const);
        return { values, credentials: Object.entries(credentials ?? {}).map(([name, entry]) => [name, entry.type]) };
      }, type);
      assert.deepEqual(Object.fromEntries(found.values), { version: 1, ...DEFAULTS[type] }, type);
      assert.deepEqual(Object.fromEntries(found.credentials), CREDENTIALS[type] ?? {}, type);
    }
  });

  it("does not call config nodes unused", async () => {
    for (const type of CONFIG_TYPES) {
      const { category, hasUsers } = await editor.page.evaluate((wanted) => {
        const definition = RED.nodes.getType(wanted);
        return { category: definition.category, hasUsers: definition.hasUsers };
      }, type);
      assert.deepEqual({ category, hasUsers }, { category: "config", hasUsers: false }, type);
    }
  });

  it("explains each type: what it does, its ports, and what to do when it goes wrong", async () => {
    for (const type of TYPES) {
      const help = await editor.page.evaluate((wanted) => RED.nodes.getNodeHelp(wanted), type);
      assert.match(help, /^\s*<p>/, type);
      assert.match(help, /When it goes wrong/, type);
      if (type in CANVAS_TYPES) {
        for (const heading of ["Inputs", "Outputs", "Details"]) {
          assert.ok(help.includes(`<h3>${heading}</h3>`), `${type}: ${heading}`);
        }
      }
      const ports = /<ol class="node-ports">(.*?)<\/ol>/s.exec(help)?.[1];
      const outputs = CANVAS_TYPES[type] ?? 0;
      if (outputs > 1) assert.equal(ports?.match(/<li>/g)?.length, outputs, type);
    }
  });

  it("says nothing in the browser's console", () => {
    assert.deepEqual(editor.session.complaints, []);
  });
});

describe("the package", () => {
  it("publishes what the dialogs load from resources/", async () => {
    const { files } = JSON.parse(await readFile(path.join(PACKAGE_FOLDER, "package.json"), "utf8"));
    assert.ok(files.includes("resources/"));
  });
});
