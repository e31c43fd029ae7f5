/**
 * Builds dist/ from nodes/: compiles the TypeScript and puts beside it what Node-RED reads from the folder of a compiled
 * node: its dialog, its words, and the icons, which Node-RED looks for nowhere else.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const dist = path.join(root, "dist");
const icons = path.join(root, "icons");

rmSync(dist, { recursive: true, force: true });

// The compiler's package has no JavaScript API, only its command.
const typescript = path.dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
const compiled = spawnSync(process.execPath, [path.join(typescript, "bin", "tsc"), "-p", root], { stdio: "inherit" });

for (const { name } of readdirSync(path.join(root, "nodes"), { withFileTypes: true })) {
  const source = path.join(root, "nodes", name);
  const target = path.join(dist, name);
  if (!existsSync(path.join(source, `${name}.html`))) continue;
  cpSync(source, target, { recursive: true, filter: (file) => !file.endsWith(".ts") });
  if (existsSync(icons)) cpSync(icons, path.join(target, "icons"), { recursive: true });
}

process.exitCode = compiled.status ?? 1;
