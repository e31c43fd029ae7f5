/**
 * Builds dist/ from nodes/: compiles the TypeScript and puts beside it what Node-RED reads from the folder of a compiled
 * node: its dialog, its words, and the icons, which Node-RED looks for nowhere else.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const nodes = path.join(root, "nodes");
const dist = path.join(root, "dist");
const icons = path.join(root, "icons");

rmSync(dist, { recursive: true, force: true });

// The compiler's package has no JavaScript API, only its command.
const typescript = path.dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
const compiled = spawnSync(
  process.execPath,
  [path.join(typescript, "bin", "tsc"), "-p", path.join(root, "tsconfig.json")],
  { stdio: "inherit" },
);

for (const folder of readdirSync(nodes, { withFileTypes: true })) {
  if (!folder.isDirectory() || folder.name === "lib") continue;
  const source = path.join(nodes, folder.name);
  const target = path.join(dist, folder.name);
  cpSync(source, target, {
    recursive: true,
    filter: (file) => statSync(file).isDirectory() || !file.endsWith(".ts"),
  });
  if (existsSync(icons)) cpSync(icons, path.join(target, "icons"), { recursive: true });
}

process.exitCode = compiled.status ?? 1;
