/**
 * Builds dist/ from nodes/: compiles the TypeScript and puts beside it what Node-RED reads from the folder of a compiled
 * node: its dialog, its words, and the icons.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const dist = path.join(root, "dist");

rmSync(dist, { recursive: true, force: true });

// The compiler's package has no JavaScript API, only its command.
const typescript = path.dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
const compiled = spawnSync(process.execPath, [path.join(typescript, "bin", "tsc"), "-p", root], { stdio: "inherit" });

for (const { name } of readdirSync(path.join(root, "nodes"), { withFileTypes: true })) {
  const source = path.join(root, "nodes", name);
  if (!existsSync(path.join(source, `${name}.html`))) continue;
  cpSync(source, path.join(dist, name), { recursive: true, filter: (file) => !file.endsWith(".ts") });
}
// One folder is enough, Node-RED gathers icons by package; in more of them the editor's icon picker shows each as often.
cpSync(path.join(root, "icons"), path.join(dist, "webhook-send", "icons"), { recursive: true });

process.exitCode = compiled.status ?? 1;
