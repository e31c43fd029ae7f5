import assert from "node:assert/strict";
import { isWithoutProxy } from "../../../nodes/lib/delivery/no-proxy";

describe("the list of hosts without proxy", () => {
  const cases: [string, string, number, boolean][] = [
    ["example.com", "example.com", 443, true],
    ["example.com", "EXAMPLE.com", 443, true],
    ["example.com", "hooks.example.com", 443, true],
    ["example.com", "badexample.com", 443, false],
    ["example.com", "example.com.evil.test", 443, false],
    [".example.com", "hooks.example.com", 443, true],
    ["*.example.com", "hooks.example.com", 443, true],
    [" example.com ", "example.com", 443, true],
    ["example.com:8443", "example.com", 8443, true],
    ["example.com:8443", "example.com", 443, false],
    ["127.0.0.1", "127.0.0.1", 80, true],
    ["127.0.0.1:81", "127.0.0.1", 80, false],
    ["::1", "::1", 80, true],
    ["[::1]", "::1", 80, true],
    ["[::1]:81", "::1", 80, false],
    ["*", "anything.test", 443, true],
    ["", "example.com", 443, false],
    [".", "example.com", 443, false],
  ];
  for (const [entry, host, port, expected] of cases) {
    it(`${expected ? "names" : "does not name"} ${host}:${port} with ${JSON.stringify(entry)}`, () => {
      assert.equal(isWithoutProxy(host, port, ["other.test", entry]), expected);
    });
  }
});
