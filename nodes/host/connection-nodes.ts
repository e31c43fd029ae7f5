import type { NodeAPI } from "node-red";
import type { ProxySettings, TlsSettings } from "../lib/integration/integration-spec";
import { isPlainObject, type PlainObject } from "../lib/validation/plain-object";

/** A `tls-config` or `http proxy` node that an integration names is missing or does not work. */
export class ConnectionNodeError extends Error {
  override readonly name = "ConnectionNodeError";
}

function pem(value: unknown): string | undefined {
  return typeof value === "string" || Buffer.isBuffer(value) ? value.toString() || undefined : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}

function credentialsOf(node: PlainObject): PlainObject {
  return isPlainObject(node.credentials) ? node.credentials : {};
}

function find(RED: NodeAPI, id: string, type: string, property: string): PlainObject {
  const node: unknown = RED.nodes.getNode(id);
  if (!isPlainObject(node) || node.type !== type) {
    throw new ConnectionNodeError(`${property} is ${JSON.stringify(id)}, expected the id of a deployed ${type} node`);
  }
  return node;
}

/**
 * What a core `tls-config` node holds; null for no node.
 *
 * @throws ConnectionNodeError if the node is missing or could not read its files: never connect with less than was asked
 */
export function tlsSettings(RED: NodeAPI, id: string): TlsSettings | null {
  if (id === "") return null;
  const node = find(RED, id, "tls-config", "tls");
  if (node.valid === false) {
    throw new ConnectionNodeError(`tls is ${JSON.stringify(id)}, but that tls-config node could not read its files`);
  }
  const settings: TlsSettings = { rejectUnauthorized: node.verifyservercert !== false };
  const { ca, cert, key } = { ca: pem(node.ca), cert: pem(node.cert), key: pem(node.key) };
  const passphrase = pem(credentialsOf(node).passphrase);
  const servername = text(node.servername);
  if (ca !== undefined) settings.ca = ca;
  if (cert !== undefined) settings.cert = cert;
  if (key !== undefined) settings.key = key;
  if (passphrase !== undefined) settings.passphrase = passphrase;
  if (servername !== "") settings.servername = servername;
  return settings;
}

/**
 * What a core `http proxy` node holds; null for no node.
 *
 * @throws ConnectionNodeError if the node is missing or its URL is not one
 */
export function proxySettings(RED: NodeAPI, id: string): ProxySettings | null {
  if (id === "") return null;
  const node = find(RED, id, "http proxy", "proxy");
  const given = text(node.url);
  if (!URL.canParse(given)) {
    throw new ConnectionNodeError(`proxy is ${JSON.stringify(id)}, but that http proxy node has no URL`);
  }
  const url = new URL(given);
  const { username, password } = credentialsOf(node);
  const proxy: ProxySettings = {
    url: `${url.protocol}//${url.host}`,
    username: text(username) || decodeURIComponent(url.username),
    password: typeof password === "string" && password !== "" ? password : decodeURIComponent(url.password),
    noProxy: Array.isArray(node.noproxy) ? node.noproxy.map(text).filter((host) => host !== "") : [],
  };
  return proxy;
}
