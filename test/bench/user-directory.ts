import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "..", "..");

/**
 * A temporary Node-RED user directory in which this package is installed as it was built: a copy, so that a build
 * during a run changes nothing.
 */
export class UserDirectory {
  readonly path = mkdtempSync(join(tmpdir(), "comment-webhooks-bench-"));
  /** The folder of the default store. */
  readonly storePath = join(this.path, "comment-webhooks");

  /** @param dist the compiled nodes */
  constructor(dist: string) {
    const folder = join(this.path, "node_modules", "@comment-webhooks", "node-red");
    mkdirSync(folder, { recursive: true });
    cpSync(dist, join(folder, "dist"), { recursive: true });
    cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
    mkdirSync(join(this.path, "nodes"));
    const script = "module.exports = (RED) => globalThis.benchNodes.register(RED);";
    writeFileSync(join(this.path, "nodes", "bench-nodes.js"), script);
    const dialog = (type: string) => `<script type="text/html" data-template-name="${type}"></script>`;
    const dialogs = ["bench-feeder", "bench-sink"].map(dialog).join("\n");
    writeFileSync(join(this.path, "nodes", "bench-nodes.html"), dialogs);
    const dependencies = { "@comment-webhooks/node-red": "*" };
    writeFileSync(join(this.path, "package.json"), JSON.stringify({ name: "bench", version: "0.0.0", dependencies }));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
