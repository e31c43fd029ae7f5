import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { TYPES } from "./node-types";
import { PACKAGE_FOLDER } from "./use-editor";

const NODES = path.join(PACKAGE_FOLDER, "nodes");

type Catalogue = { [key: string]: string | Catalogue };

function catalogueOf(type: string): Catalogue {
  return JSON.parse(readFileSync(path.join(NODES, type, "locales", "en-US", `${type}.json`), "utf8"));
}

function entry(catalogue: Catalogue, key: string): string | Catalogue | undefined {
  return key
    .split(".")
    .reduce<string | Catalogue | undefined>(
      (found, part) => (typeof found === "object" ? found[part] : undefined),
      catalogue,
    );
}

function sourcesOf(folder: string, ending: string): string {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(path.join(folder, file), "utf8"))
    .join("\n");
}

describe("the catalogue of each node type", () => {
  for (const type of TYPES) {
    it(`has all words that ${type} shows`, () => {
      const catalogue = catalogueOf(type);
      const html = sourcesOf(path.join(NODES, type), ".html");
      const runtime = sourcesOf(path.join(NODES, type), ".ts");
      const keys = [
        ...html.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g),
        ...html.matchAll(/["`]([a-z-]+\.(?:label|port|palette|tab|add|placeholder|invalid|hint)[\w.-]*)["`]/g),
        ...runtime.matchAll(/RED\._\(["`]([^"`$]+)["`]/g),
      ].map(([, key = ""]) => key);
      assert.ok(keys.length > 0);
      for (const key of [...keys, `${type}.status.misconfigured`]) {
        assert.equal(typeof entry(catalogue, key), "string", key);
      }
    });
  }

  it("has the sentences of all rules that the shared fields check", () => {
    const shared = readFileSync(path.join(PACKAGE_FOLDER, "resources", "dialog-fields.js"), "utf8");
    const dialogs = TYPES.map((type) => sourcesOf(path.join(NODES, type), ".html")).join("\n");
    const used = [...(shared + dialogs).matchAll(/["`](invalid\.[a-z-]+)["`]/g)].map(([, key = ""]) => key);
    const catalogue = entry(catalogueOf("webhook-integration"), "dialog");
    assert.ok(typeof catalogue === "object");
    for (const key of used) assert.equal(typeof entry(catalogue, key), "string", key);
    const defined = entry(catalogue, "invalid");
    assert.ok(typeof defined === "object");
    assert.deepEqual(Object.keys(defined).sort(), [...new Set(used.map((key) => key.slice("invalid.".length)))].sort());
  });

  it("keeps every text that is put in a place of HTML free of anything but formatting", () => {
    for (const type of TYPES) {
      const html = sourcesOf(path.join(NODES, type), ".html");
      const catalogue = catalogueOf(type);
      for (const [, key = ""] of html.matchAll(/data-i18n="\[html\]([^"]+)"/g)) {
        const text = entry(catalogue, key);
        assert.ok(typeof text === "string", key);
        assert.doesNotMatch(text, /<(?!\/?(?:p|ul|li|b|i|code)>)/, key);
        assert.doesNotMatch(text, /__\w+__/, key);
      }
    }
  });
});
