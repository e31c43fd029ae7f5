import assert from "node:assert/strict";
import type { Node } from "node-red";
import { visibleFrom } from "../../nodes/host/scope";

/** A node in flows within flows, as the runtime chains them: innermost first. */
function nodeIn(...flows: string[]): Node {
  const flow = flows.reduceRight<object | undefined>((parent, id) => ({ id, parent }), undefined);
  return { z: flows[0], _flow: flow } as unknown as Node;
}

describe("the scope of a node", () => {
  it("holds global config nodes and those of its own flow", () => {
    const isVisible = visibleFrom(nodeIn("tab", "global"));
    assert.equal(isVisible(""), true);
    assert.equal(isVisible("tab"), true);
    assert.equal(isVisible("other-tab"), false);
  });

  it("holds those of a subflow's instance, not of another instance, and of the flows around it", () => {
    const isVisible = visibleFrom(nodeIn("outer-inner", "outer", "tab", "global"));
    assert.equal(isVisible("outer-inner"), true);
    assert.equal(isVisible("outer"), true);
    assert.equal(isVisible("tab"), true);
    assert.equal(isVisible("outer-other"), false);
  });
});
