/**
 * Starts a real Node-RED on a user directory into which the packed package was installed, and looks through the admin
 * API whether all node types are there and whether every shipped example runs.
 *
 *     node .ci/installed-package.mjs <folder of node-red> <user directory>
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { check, finish } from "./checks.mjs";

const [nodeRed, userDir] = process.argv.slice(2);
if (nodeRed === undefined || userDir === undefined) throw new Error("expected: <folder of node-red> <user directory>");

const name = "@comment-webhooks/node-red";
const installed = path.join(userDir, "node_modules", name);
const manifest = JSON.parse(readFileSync(path.join(installed, "package.json"), "utf8"));
const types = Object.keys(manifest["node-red"].nodes);

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const port = await freePort();
const address = `http://127.0.0.1:${port}`;
const settings = { flowFile: "flows.json", credentialSecret: "ci", uiHost: "127.0.0.1", uiPort: port };
writeFileSync(
  path.join(userDir, "settings.js"),
  `module.exports = ${JSON.stringify({ ...settings, telemetry: { enabled: false, updateNotification: false } })};\n`,
);

const child = spawn(process.execPath, [path.join(nodeRed, "red.js"), "--userDir", userDir], {
  env: { ...process.env, PORT: String(port) },
  stdio: ["ignore", "pipe", "pipe"],
});
const exited = once(child, "exit");

/** All that Node-RED printed so far. */
let log = "";

/** @type {Set<() => void>} */
const listeners = new Set();
for (const stream of [child.stdout, child.stderr]) {
  stream.setEncoding("utf8").on("data", (text) => {
    log += text;
    for (const listener of [...listeners]) listener();
  });
}

/**
 * Resolves with what is printed after `from` as soon as `text` is in it, or after 30 seconds, or when Node-RED is gone.
 *
 * @param {string} text
 * @param {number} from
 * @returns {Promise<string>}
 */
function printed(text, from) {
  return new Promise((resolve) => {
    const done = () => {
      listeners.delete(look);
      clearTimeout(timer);
      resolve(log.slice(from));
    };
    const look = () => {
      if (log.includes(text, from)) done();
    };
    const timer = setTimeout(done, 30_000);
    listeners.add(look);
    exited.then(done);
    look();
  });
}

/**
 * Lines that no healthy start prints.
 *
 * @param {string} text
 */
function complaints(text) {
  return text.split("\n").filter((line) => /\[error\]|Waiting for missing types|Error:|UnhandledPromise/.test(line));
}

/** @param {unknown[]} flows */
async function deploy(flows) {
  const from = log.length;
  const response = await fetch(`${address}/flows`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Node-RED-API-Version": "v2" },
    body: JSON.stringify({ flows }),
  });
  if (!response.ok) return [`POST /flows: ${response.status} ${await response.text()}`];
  return complaints(await printed("Started flows", from));
}

/** @param {string} where */
async function get(where) {
  const response = await fetch(`${address}${where}`, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`GET ${where}: ${response.status}`);
  return response.json();
}

/**
 * Examples as the import menu lists them: a string is a folder, an object a flow.
 *
 * @param {string} folder
 * @returns {Promise<string[]>}
 */
async function examples(folder) {
  /** @type {(string | {fn: string})[]} */
  const entries = await get(folder);
  const found = entries.map((entry) =>
    typeof entry === "string"
      ? examples(`${folder}${encodeURIComponent(entry)}/`)
      : [folder + encodeURIComponent(entry.fn)],
  );
  return (await Promise.all(found)).flat();
}

try {
  await printed("Server now running", 0);
  await printed("Started flows", 0);

  /** @type {{module: string, types: string[], enabled: boolean, err?: unknown}[]} */
  const sets = (await get("/nodes")).filter((/** @type {{module: string}} */ set) => set.module === name);
  for (const type of types) {
    const set = sets.find((candidate) => candidate.types.includes(type));
    check(
      `${type} is registered and enabled`,
      set?.enabled === true && set.err === undefined,
      JSON.stringify(set?.err),
    );
  }
  /** @type {string[]} */
  const icons = (await get("/icons"))[name] ?? [];
  check("icons are found, each once", icons.length > 0 && new Set(icons).size === icons.length, icons.join(", "));

  const listed = await examples(`/library/examples/flows/${name}/`);
  check("examples are in the import menu", listed.length > 0);
  for (const example of listed) {
    const problems = await deploy(await get(example));
    check(`example ${decodeURIComponent(path.basename(example))} runs`, problems.length === 0, problems.join(" | "));
  }
  await deploy([]);
} catch (error) {
  check("Node-RED can be asked", false, error instanceof Error ? error.message : String(error));
  console.log(log);
}

child.kill("SIGTERM");
const killing = setTimeout(() => child.kill("SIGKILL"), 20_000);
const [, signal] = await exited;
clearTimeout(killing);
check("Node-RED stops when told to", signal === null, String(signal ?? ""));
check("Node-RED has nothing to complain of", complaints(log).length === 0, complaints(log).join(" | "));
finish();
