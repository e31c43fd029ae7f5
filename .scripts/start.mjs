/**
 * Starts Node-RED with this checkout's nodes in .node-red/. The first start puts the example flow there; later starts
 * keep what was made of it. PORT chooses another port.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const userDir = path.join(root, ".node-red");
const host = "127.0.0.1";
const port = Number(process.env.PORT || 1880);

const trial = `curl ${address("comments")} -H 'Content-Type: application/json' -d '${JSON.stringify({
  action: "created",
  comment: { id: 1, text: "Does this still happen?" },
  issue: { id: 7 },
  project: { slug: "shop" },
  actor: { type: "user", id: 3, name: "Ada" },
  timestamp: new Date().toISOString(),
})}'`;

/** @param {string} where */
function address(where) {
  return `http://${host}:${port}/${where}`;
}

/** Ends with a sentence where Node-RED would end with a stack. */
function refuse(/** @type {string} */ why) {
  console.error(why);
  process.exit(1);
}

async function claimPort() {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    refuse(`PORT is "${process.env.PORT}", expected a number from 1 to 65535.`);
  }
  await new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      refuse(
        error.code === "EADDRINUSE"
          ? `Port ${port} is taken. Stop what uses it, or choose another one: PORT=${port + 1} npm start`
          : `Port ${port} cannot be used (${error.code}). Choose another one: PORT=1881 npm start`,
      );
    });
    probe.listen(port, host, () => probe.close(resolve));
  });
}

/** Makes what Node-RED needs in its user directory. Returns whether there is no flow yet. */
function prepareUserDir() {
  const scope = path.join(userDir, "node_modules", "@comment-webhooks");
  mkdirSync(scope, { recursive: true });
  const link = path.join(scope, "node-red");
  rmSync(link, { recursive: true, force: true });
  symlinkSync(root, link, "junction");

  const settings = path.join(userDir, "settings.js");
  if (!existsSync(settings)) {
    const content = {
      flowFile: "flows.json",
      credentialSecret: randomBytes(32).toString("hex"),
      telemetry: { enabled: false, updateNotification: false },
      editorTheme: { tours: false },
    };
    writeFileSync(settings, `module.exports = ${JSON.stringify(content, null, 2)};\n`, { mode: 0o600 });
  }
  return !existsSync(path.join(userDir, "flows.json"));
}

await claimPort();
const firstStart = prepareUserDir();

// Where the example finds itself.
process.env.PORT = String(port);

// In this process, so that signals reach Node-RED itself.
const require = createRequire(import.meta.url);
process.argv.splice(2, process.argv.length, "--userDir", userDir, "--port", String(port), "-D", `uiHost=${host}`);
const RED = require("node-red");
require("node-red/red.js");

await once(RED.events, "flows:started");
const example = path.join(root, "examples", "01 - Comment webhook pipeline.json");
if (firstStart && existsSync(example)) {
  // Deployed as the editor would: this is what takes credentials out of a flow and into their encrypted file.
  const flows = JSON.parse(readFileSync(example, "utf8"));
  const started = once(RED.events, "flows:started");
  await RED.runtime.flows.setFlows({ flows: { flows, credentials: {} } });
  await started;
}
console.log(`\nEditor:         ${address("")}\nMake a comment: ${trial}\n`);
