import assert from "node:assert/strict";
import type { NodeAPI } from "node-red";
import { ConnectionNodeError, proxySettings, tlsSettings } from "../../nodes/host/connection-nodes";

function red(nodes: Record<string, object>): NodeAPI {
  return { nodes: { getNode: (id: string) => nodes[id] ?? null } } as unknown as NodeAPI;
}

describe("the core tls-config node", () => {
  it("gives what it read from files or credentials", () => {
    const node = {
      ...{ type: "tls-config", valid: true, verifyservercert: false, servername: "hooks.test" },
      ...{ cert: Buffer.from("CERT"), key: "KEY", ca: "CA", credentials: { passphrase: "pass" } },
    };
    assert.deepEqual(tlsSettings(red({ t: node }), "t"), {
      ...{
        rejectUnauthorized: false,
        servername: "hooks.test",
        cert: "CERT",
        key: "KEY",
        ca: "CA",
        passphrase: "pass",
      },
    });
  });

  it("leaves Node's defaults where it holds nothing", () => {
    assert.deepEqual(tlsSettings(red({ t: { type: "tls-config", verifyservercert: true, credentials: {} } }), "t"), {
      rejectUnauthorized: true,
    });
    assert.equal(tlsSettings(red({}), ""), null);
  });

  it("is never done without: missing, broken or of another type is an error", () => {
    const nodes = red({ broken: { type: "tls-config", valid: false }, other: { type: "http proxy" } });
    for (const id of ["broken", "other", "gone"]) assert.throws(() => tlsSettings(nodes, id), ConnectionNodeError);
  });
});

describe("the core http proxy node", () => {
  it("gives its URL without credentials, its credentials and its exceptions", () => {
    const node = {
      ...{ type: "http proxy", url: "http://proxy.test:3128/", noproxy: ["localhost", " .internal ", ""] },
      credentials: { username: "u", password: "p" },
    };
    assert.deepEqual(proxySettings(red({ p: node }), "p"), {
      ...{ url: "http://proxy.test:3128", username: "u", password: "p", noProxy: ["localhost", ".internal"] },
    });
  });

  it("takes credentials out of its URL", () => {
    const node = { type: "http proxy", url: "http://us%40er:p%3Aw@proxy.test:3128", credentials: {} };
    assert.deepEqual(proxySettings(red({ p: node }), "p"), {
      ...{ url: "http://proxy.test:3128", username: "us@er", password: "p:w", noProxy: [] },
    });
  });

  it("is never done without", () => {
    const nodes = red({ empty: { type: "http proxy", url: "" } });
    for (const id of ["empty", "gone"]) assert.throws(() => proxySettings(nodes, id), ConnectionNodeError);
    assert.equal(proxySettings(nodes, ""), null);
  });
});
