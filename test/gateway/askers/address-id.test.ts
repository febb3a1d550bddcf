import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressId, plainAddress } from "../../../gateway/askers/address-id.ts";

describe("the id of an address", () => {
  test.each([
    ["192.0.2.1", "ip:192.0.2.1"],
    ["127.0.0.1", "ip:127.0.0.1"],
    ["::1", "ip:0:0:0:0::/64"],
    ["2001:db8:1:2:3:4:5:6", "ip:2001:db8:1:2::/64"],
    ["2001:DB8:0001:0002::", "ip:2001:db8:1:2::/64"],
    ["2001:db8::", "ip:2001:db8:0:0::/64"],
    ["fe80::1%eth0", "ip:fe80:0:0:0::/64"],
    ["::ffff:192.0.2.1", "ip:192.0.2.1"],
    ["::FFFF:c000:201", "ip:192.0.2.1"],
    ["0:0:0:0:0:ffff:c000:0201", "ip:192.0.2.1"],
    ["64:ff9b::192.0.2.1", "ip:64:ff9b:0:0::/64"],
  ])("%s is %s", (address, id) => {
    expect(addressId(address)).toBe(id);
  });

  test.each([
    undefined,
    null,
    "",
    "unknown",
    "192.0.2",
    "192.0.2.256",
    "192.0.2.1:80",
    "[::1]",
    "::1::",
    "%eth0",
    "@odan",
  ])("%j is no address, and has an id of its own", (address) => {
    expect(addressId(address)).toBe("ip:none");
    expect(plainAddress(address ?? "")).toBeNull();
  });

  test("every spelling of an IPv6 network is one asker, and no two networks are", () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const groups = fc.array(group, { minLength: 8, maxLength: 8 });
    const hex = (address: readonly number[]) => address.map((each) => each.toString(16));
    fc.assert(
      fc.property(groups, groups, (one, other) => {
        const sameNetwork = [...one.slice(0, 4), ...other.slice(4)];
        const long = hex(one).map((each) => each.padStart(4, "0").toUpperCase());
        const compressed = new URL(`http://[${hex(one).join(":")}]/`).hostname.slice(1, -1);
        const ids = [hex(one).join(":"), long.join(":"), compressed, hex(sameNetwork).join(":")].map(addressId);
        expect(new Set(ids).size).toBe(1);
        const isSame = one.slice(0, 4).join() === other.slice(0, 4).join();
        expect(addressId(hex(other).join(":")) === ids[0]).toBe(isSame);
      }),
      { seed: 12, numRuns: 500 },
    );
  });
});
