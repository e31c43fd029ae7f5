import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

/** Node-RED as a flow author meets it: the real runtime in a process of its own, and its editor in a browser. */
export interface EditorSession {
  page: Page;
  url: string;
  /** Errors and warnings that the browser reported so far. */
  complaints: string[];
  close(): Promise<void>;
}

interface SessionOptions {
  /** Folder of the package whose nodes are loaded; it must be built. */
  packageFolder: string;
  flows: object[];
  /** Whether the flows run; else they are only shown. Then their nodes may hold `credentials`. */
  running?: boolean;
}

const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--no-proxy-server",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The browser's program, or null where none is installed. */
export function browserProgram(): string | null {
  const program = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
  return existsSync(program) ? program : null;
}

/** Starts Node-RED with the given flows and opens its editor. */
export async function openEditor(options: SessionOptions): Promise<EditorSession> {
  const program = browserProgram();
  if (program === null) throw new Error("No browser found; CHROMIUM_PATH names one");
  const userDirectory = await mkdtemp(path.join(tmpdir(), "comment-webhooks-editor-"));
  let runtime: ChildProcess | undefined;
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    if (runtime !== undefined && runtime.exitCode === null) {
      const ended = once(runtime, "exit");
      runtime.kill();
      await ended;
    }
    await rm(userDirectory, { recursive: true, force: true });
  };

  try {
    runtime = await startRuntime(userDirectory, options);
    const url = await addressOf(runtime);
    if (options.running) await deploy(url, options.flows);
    browser = await chromium.launch({ executablePath: program, args: BROWSER_FLAGS });
    const page = await browser.newPage({ viewport: { width: 1500, height: 1000 } });
    // Before the test itself runs out of time, so that the error says what was waited for.
    page.setDefaultTimeout(8_000);
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    await page.goto(url);
    await editorLoaded(page);
    // The editor says that the flows do not run. It covers the dialogs' buttons.
    if (!options.running) await page.locator(".red-ui-notification button").click();
    return { page, url, complaints, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves when the editor shows the flows: it loads them after everything else. */
export async function editorLoaded(page: Page): Promise<void> {
  await page.locator("#red-ui-workspace-tabs li.red-ui-tab").first().waitFor({ timeout: 30_000 });
}

async function startRuntime(userDirectory: string, options: SessionOptions): Promise<ChildProcess> {
  const settings = {
    uiHost: "127.0.0.1",
    uiPort: 0,
    flowFile: "flows.json",
    credentialSecret: "editor-tests",
    nodesDir: [options.packageFolder],
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, palette: { catalogues: [] } },
    logging: { console: { level: "info" } },
  };
  await writeFile(path.join(userDirectory, "settings.js"), `module.exports = ${JSON.stringify(settings)};`);
  await writeFile(path.join(userDirectory, "flows.json"), JSON.stringify(options.running ? [] : options.flows));
  const program = createRequire(__filename).resolve("node-red/red.js");
  const args = [program, ...(options.running ? [] : ["--safe"]), "--userDir", userDirectory];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
}

/** Deploys flows as the editor does; resolves when they run. */
async function deploy(url: string, flows: object[]): Promise<void> {
  const response = await fetch(new URL("flows", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(flows),
  });
  if (!response.ok) throw new Error(`Node-RED did not take the flows: ${response.status} ${await response.text()}`);
}

/** Resolves when the runtime says where it listens. */
function addressOf(runtime: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const found = /Server now running at (http:\/\/\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    runtime.stdout?.on("data", read);
    runtime.stderr?.on("data", read);
    runtime.once("error", reject);
    runtime.once("exit", () => reject(new Error(`Node-RED ended before it listened:\n${output}`)));
  });
}
