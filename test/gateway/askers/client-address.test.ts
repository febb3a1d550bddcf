import { afterEach, describe, expect, test } from "vitest";
import { clientAddresses } from "../../../gateway/askers/client-address.ts";
import { closeAll, start } from "../started-gateway.ts";

afterEach(closeAll);

type Headers = { readonly [name: string]: string };

/** The client of a request that 10.0.0.1 sent, with the proxies 10.0.0.0/8 and fd00::/8. */
const client = (headers: Headers, remoteAddress: string | undefined = "10.0.0.1", ignored = (_: string) => {}) =>
  clientAddresses(["10.0.0.0/8", "fd00::/8"], ignored)({ socket: { remoteAddress }, headers });
const byXff = (value: string) => client({ "x-forwarded-for": value });
const byForwarded = (value: string) => client({ forwarded: value });

describe("X-Forwarded-For of a trusted proxy", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["192.0.2.1, 10.0.0.2, 10.9.9.9", "192.0.2.1"],
    ["198.51.100.7, 192.0.2.1, 10.0.0.2", "192.0.2.1"],
    [" 192.0.2.1 ", "192.0.2.1"],
    ["192.0.2.1:4711", "192.0.2.1"],
    ["2001:db8::1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ['"[2001:db8::1]:443"', "2001:db8::1"],
    ["192.0.2.1, fd00::5", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["10.0.0.2", "10.0.0.2"],
    ["10.0.0.3,10.0.0.2", "10.0.0.3"],
  ])("%s is %s", (value, address) => {
    expect(byXff(value)).toBe(address);
  });

  test.each([
    "",
    "unknown",
    "_hidden",
    "proxy.example",
    "192.0.2.999",
    "192.0.2.1.1",
    "'; DROP TABLE",
    "\u{1f600}",
    ",",
  ])("where the last entry is %j, the proxy is the client", (value) => {
    expect(byXff(`198.51.100.7, ${value}`)).toBe("10.0.0.1");
  });

  test("garbage between two proxies ends the way", () => {
    expect(byXff("198.51.100.7, unknown, 10.0.0.2")).toBe("10.0.0.2");
    expect(byXff(`198.51.100.7, ${"9".repeat(5000)}, 10.0.0.2`)).toBe("10.0.0.2");
  });

  test("of a thousand entries the last are read, and no more than 32 proxies are followed", () => {
    expect(byXff(`${"198.51.100.7, ".repeat(1000)}192.0.2.1`)).toBe("192.0.2.1");
    expect(byXff(`192.0.2.1, ${"10.0.0.2, ".repeat(1000)}10.0.0.3`)).toBe("10.0.0.2");
  });
});

describe("Forwarded of a trusted proxy (RFC 7239)", () => {
  test.each([
    ["for=192.0.2.1", "192.0.2.1"],
    ["For=192.0.2.1;Proto=https;By=203.0.113.43", "192.0.2.1"],
    ["proto=https; for = 192.0.2.1", "192.0.2.1"],
    ['for="192.0.2.1:4711"', "192.0.2.1"],
    ['for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"],
    ['for="[2001:db8:cafe::17]:_port"', "2001:db8:cafe::17"],
    ["for=198.51.100.7, for=192.0.2.1;by=10.0.0.1, for=10.0.0.2", "192.0.2.1"],
    // An open quote, which a client may have sent, takes no later entry with it.
    ['for="198.51.100.7, for=192.0.2.1', "192.0.2.1"],
  ])("%s is %s", (value, address) => {
    expect(byForwarded(value)).toBe(address);
  });

  test.each(["for=unknown", "for=_gazonk", "by=192.0.2.1", "192.0.2.1", "", "notfor=192.0.2.1", 'for="', "for"])(
    "where the last element is %j, the proxy is the client",
    (value) => {
      expect(byForwarded(`for=198.51.100.7, ${value}`)).toBe("10.0.0.1");
    },
  );
});

test("both headers count where they agree; where they differ, one may be the client's own, and the proxy is the client", () => {
  expect(client({ "x-forwarded-for": "192.0.2.1", forwarded: "for=192.0.2.1" })).toBe("192.0.2.1");
  expect(client({ "x-forwarded-for": "192.0.2.1", forwarded: "for=198.51.100.7" })).toBe("10.0.0.1");
});

test("what anybody else forwards is ignored, and told once", () => {
  const told: string[] = [];
  const addressOf = clientAddresses(["10.0.0.0/8"], (header) => told.push(header));
  const from = (remoteAddress: string | undefined, headers: Headers) =>
    addressOf({ socket: { remoteAddress }, headers });
  expect(from("203.0.113.9", {})).toBe("203.0.113.9");
  expect(told).toEqual([]);
  expect(from("203.0.113.9", { "x-forwarded-for": "192.0.2.1" })).toBe("203.0.113.9");
  expect(from("203.0.113.9", { forwarded: "for=192.0.2.1" })).toBe("203.0.113.9");
  expect(from(undefined, { "x-forwarded-for": "192.0.2.1" })).toBeNull();
  expect(told).toEqual(["x-forwarded-for"]);
});

test("a proxy on IPv4 is known behind a socket of IPv6", () => {
  expect(client({ "x-forwarded-for": "192.0.2.1" }, "::ffff:10.0.0.1")).toBe("192.0.2.1");
});

test("without a setting no proxy is trusted, not even one on this machine", () => {
  const addressOf = clientAddresses([], () => undefined);
  expect(addressOf({ socket: { remoteAddress: "127.0.0.1" }, headers: { "x-forwarded-for": "192.0.2.1" } })).toBe(
    "127.0.0.1",
  );
});

test("a gateway that sees a forwarded address from elsewhere warns once, and names the setting and no address", async () => {
  const { url, lines } = await start([]);
  const ask = () => fetch(`${url}/graphql?query={__typename}`, { headers: { "X-Forwarded-For": "192.0.2.77" } });
  for (let i = 0; i < 3; i++) expect((await ask()).status).toBe(200);
  const warnings = lines.filter(({ level }) => level === 40);
  expect(warnings).toMatchObject([{ header: "x-forwarded-for", msg: expect.stringContaining("ODAN_TRUSTED_PROXIES") }]);
  expect(JSON.stringify(lines)).not.toMatch(/192\.0\.2\.77|127\.0\.0\.1/);
});
