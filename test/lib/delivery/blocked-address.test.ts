import assert from "node:assert/strict";
import { isSpecialAddress } from "../../../nodes/lib/delivery/blocked-address";

const special: Record<string, string[]> = {
  unspecified: ["0.0.0.0", "0.1.2.3", "::"],
  loopback: ["127.0.0.1", "127.255.255.255", "::1"],
  private: ["10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fc00::1", "fdff::1"],
  "link-local": ["169.254.0.1", "fe80::1", "febf::1", "fe80::1%eth0"],
  "of a cloud's metadata": ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"],
  "shared by a carrier": ["100.64.0.1", "100.127.255.255"],
  multicast: ["224.0.0.1", "239.255.255.255", "ff02::1"],
  broadcast: ["255.255.255.255"],
  reserved: ["240.0.0.1", "192.0.0.1", "192.88.99.1", "4000::1", "8000::1", "5f00::1", "fec0::1", "100::1"],
  "for documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
  "for benchmarks": ["198.18.0.1", "198.19.255.255", "2001:2::1"],
  ORCHID: ["2001:10::1", "2001:20::1"],
  "a tunnel": ["2002:7f00:1::", "2002:808:808::", "2001::1", "64:ff9b:1::808:808"],
  "special and mapped": ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1", "::127.0.0.1"],
  "special behind NAT64": ["64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe"],
  "none at all": ["", "localhost", "1.2.3", "[::1]", "300.1.1.1"],
};

const ordinary = [
  "8.8.8.8",
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "192.169.0.0",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001:80b::200e",
  "::ffff:8.8.8.8",
  "64:ff9b::808:808",
];

describe("an address", () => {
  for (const [kind, addresses] of Object.entries(special)) {
    it(`that is ${kind} is special`, () => {
      for (const address of addresses) assert.equal(isSpecialAddress(address), true, address);
    });
  }

  it("of a host on the Internet is not special", () => {
    for (const address of ordinary) assert.equal(isSpecialAddress(address), false, address);
  });

  it("is recognised in every spelling that a URL may have", () => {
    for (const spelling of ["0x7f.1", "2130706433", "017700000001", "127.1", "127.0.0.1.", "１２７.0.0.1"]) {
      assert.equal(isSpecialAddress(new URL(`http://${spelling}/`).hostname), true, spelling);
    }
  });
});
