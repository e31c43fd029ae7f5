import path from "node:path";
import type { Page } from "playwright-core";
import { browserProgram, type EditorSession, openEditor } from "./editor-session";

export const PACKAGE_FOLDER = path.join(__dirname, "..", "..");

/** What the tests ask of the editor's own API, inside the browser. */
interface EditorApi {
  nodes: {
    node(id: string): EditorNode | null;
    convertNode(node: EditorNode): Record<string, unknown>;
    eachConfig(visit: (node: EditorNode) => void): void;
  };
  editor: {
    edit(node: EditorNode | null): void;
    editConfig(name: string, type: string, id: string): void;
  };
}
interface EditorNode {
  id: string;
  type: string;
  changed?: boolean;
  valid: boolean;
  validationErrors: string[];
}
declare const RED: EditorApi;

/** The editor of one `describe`, with dialogs that can be opened and closed. */
export class EditorUnderTest {
  #session: EditorSession | null = null;

  get page(): Page {
    return this.session.page;
  }

  get session(): EditorSession {
    if (this.#session === null) throw new Error("The editor is open only while its tests run");
    return this.#session;
  }

  async start(flows: object[], running: boolean): Promise<void> {
    this.#session = await openEditor({ packageFolder: PACKAGE_FOLDER, flows, running });
  }

  async stop(): Promise<void> {
    await this.#session?.close();
    this.#session = null;
  }

  /** Opens the dialog of a node on the canvas. */
  async edit(id: string): Promise<void> {
    await this.page.evaluate((node) => RED.editor.edit(RED.nodes.node(node)), id);
    await this.#opened();
  }

  /** Opens the dialog of a config node; without an id, that of a new one. */
  async editConfig(type: string, id = "_ADD_"): Promise<void> {
    await this.page.evaluate(([ofType, node]) => RED.editor.editConfig("", ofType, node), [type, id] as const);
    await this.#opened();
  }

  async #opened(): Promise<void> {
    await this.page.locator("#dialog-form, #node-config-dialog-edit-form").waitFor({ state: "visible" });
    // The tray slides in; its buttons can be hit when it stands.
    await this.page.locator(".red-ui-tray").evaluate(async (tray) => {
      await Promise.all(tray.getAnimations().map((animation) => animation.finished));
    });
  }

  /** Presses Done, Update or Add. */
  async save(): Promise<void> {
    await this.page.locator("#node-dialog-ok, #node-config-dialog-ok").click();
    await this.page.locator(".red-ui-tray").waitFor({ state: "detached" });
  }

  async cancel(): Promise<void> {
    await this.page.locator("#node-dialog-cancel, #node-config-dialog-cancel").click();
    await this.page.locator(".red-ui-tray").waitFor({ state: "detached" });
  }

  /** A node as a deploy would store it. */
  exported(id: string): Promise<Record<string, unknown>> {
    return this.page.evaluate((node) => {
      const found = RED.nodes.node(node);
      return found === null ? {} : RED.nodes.convertNode(found);
    }, id);
  }

  /** Whether the editor would deploy a node since it was edited, and what its validators say. */
  state(id: string): Promise<{ changed: boolean; valid: boolean; problems: string[] }> {
    return this.page.evaluate((node) => {
      const found = RED.nodes.node(node);
      if (found === null) throw new Error(`there is no node ${node}`);
      return { changed: found.changed === true, valid: found.valid, problems: found.validationErrors };
    }, id);
  }

  /** Ids of the config nodes of a type. */
  configs(type: string): Promise<string[]> {
    return this.page.evaluate((wanted) => {
      const found: string[] = [];
      RED.nodes.eachConfig((node) => {
        if (node.type === wanted) found.push(node.id);
      });
      return found;
    }, type);
  }
}

/**
 * Opens the editor for the tests of the enclosing `describe`. Where there is no browser they are skipped, except on a build
 * server.
 *
 * @param flows or what gives them, once the hooks before it have run
 * @param running whether they run; else they are only shown
 */
export function useEditor(flows: object[] | (() => object[]), { running = false } = {}): EditorUnderTest {
  const editor = new EditorUnderTest();
  before(async function () {
    if (browserProgram() === null && process.env.CI === undefined) {
      console.log("      no Chromium found (CHROMIUM_PATH names one): the editor is not tested");
      this.skip();
    }
    this.timeout(60_000);
    await editor.start(typeof flows === "function" ? flows() : flows, running);
  });
  after(async function () {
    this.timeout(60_000);
    await editor.stop();
  });
  return editor;
}
