import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { bodyTypeRefusal } from "../../net/serve/body-type.ts";
import { hostCheck, parseHost } from "../../net/serve/hosts.ts";

/** A request with these headers and no network. */
const requestWith = (rawHeaders: readonly string[], httpVersion = "1.1"): IncomingMessage =>
  Object.assign(new IncomingMessage(new Socket()), { rawHeaders: [...rawHeaders], httpVersion });

test.each([
  ["localhost", "localhost", null],
  ["LocalHost:4000", "localhost", 4000],
  ["localhost:", "localhost", null],
  ["localhost.:80", "localhost", 80],
  ["127.0.0.1:65535", "127.0.0.1", 65_535],
  ["[::1]", "::1", null],
  ["[2001:DB8::1]:443", "2001:db8::1", 443],
  ["[::ffff:127.0.0.1]:1", "::ffff:127.0.0.1", 1],
  ["odan_gateway-1.example.org", "odan_gateway-1.example.org", null],
])("the host %j is %s, port %s", (given, name, port) => {
  expect(parseHost(given)).toEqual({ name, port });
});

// `a b`, `[::`, `%` and `a:99999` once gave the asker a stack trace with paths.
const MALFORMED = [
  "",
  " ",
  "a b",
  "[::",
  "[::1",
  "::1",
  "[:::1]",
  "[fe80::1%25eth0]",
  "[127.0.0.1]",
  "%",
  "a:99999",
  "a:65536",
  "a:-1",
  "a:80:80",
  "a:b",
  "user@localhost",
  "localhost/",
  "localhost?x",
  "localhost#x",
  "localhost\\",
  "http://localhost",
  "a,b",
  "localhost, localhost",
  "a..b",
  ".a",
  "a.",
  "-a",
  "a-",
  "256.1.1.1",
  "1.2.3",
  "127.1",
  "0x7f.1",
  "2130706433",
  "ホスト",
  "h\u00f6st",
  "a\u0000",
  "x".repeat(64),
  `${"a.".repeat(130)}a`,
];
test.each(MALFORMED.filter((given) => given !== "a."))("%j is no host", (given) => {
  expect(parseHost(given)).toBeNull();
});

describe("a server", () => {
  const codeFor = (host: string, hosts: readonly string[] = []) =>
    hostCheck(["127.0.0.1", ...hosts])(requestWith(["Host", host]))?.code ?? null;

  test.each([
    "localhost",
    "LOCALHOST:1",
    "a.localhost",
    "127.0.0.1",
    "127.0.0.2:9",
    "[::1]",
    "192.0.2.1",
    "[2001:db8::1]",
  ])("answers under %s by default", (host) => expect(codeFor(host)).toBeNull());

  test.each(["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "notlocalhost", "evil.example:4000"])(
    "does not answer under %s",
    (host) => expect(codeFor(host)).toBe("HOST_NOT_ALLOWED"),
  );

  test("answers under the names that it is given", () => {
    expect(codeFor("Odan.Example.ORG:443", ["odan.example.org"])).toBeNull();
    expect(codeFor("odan.example.org.", ["odan.example.org"])).toBeNull();
    expect(codeFor("a.odan.example.org", ["odan.example.org"])).toBe("HOST_NOT_ALLOWED");
    expect(codeFor("a.b.example.org", [".example.org"])).toBeNull();
    expect(codeFor("example.org", [".example.org"])).toBe("HOST_NOT_ALLOWED");
    expect(codeFor("badexample.org", [".example.org"])).toBe("HOST_NOT_ALLOWED");
    expect(codeFor("anything.example", ["*"])).toBeNull();
    expect(codeFor("a b", ["*"])).toBe("BAD_REQUEST");
  });

  test("wants one Host, but of HTTP/1.0 none", () => {
    const check = hostCheck([]);
    expect(check(requestWith(["Host", "localhost", "host", "localhost"]))?.code).toBe("BAD_REQUEST");
    expect(check(requestWith([]))?.code).toBe("BAD_REQUEST");
    expect(check(requestWith([], "1.0"))).toBeNull();
    expect(check(requestWith(["Host", "evil.example"], "1.0"))?.code).toBe("HOST_NOT_ALLOWED");
  });

  test("quotes no more than the beginning of a name", () => {
    const refusal = hostCheck([])(requestWith(["Host", `${"a".repeat(60)}.`.repeat(4)]));
    expect(refusal?.says.en.length).toBeLessThan(200);
  });
});

describe("a body", () => {
  const codeFor = (...headers: readonly string[]) => bodyTypeRefusal(requestWith(headers))?.code ?? null;

  test.each([
    "application/json",
    "Application/JSON",
    "application/json;charset=utf-8",
    'application/json; charset="utf-8"',
    'application/json ; CHARSET="UTF-8" ; ',
    "application/json; charset=utf8",
    "application/json; boundary=x; charset=utf-8",
    "application/graphql+json",
  ])("of %s is read", (type) => expect(codeFor("Content-Type", type)).toBeNull());

  test.each([
    "",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/graphql",
    "application/jsonp",
    "application/json, text/plain",
    "text/plain; application/json",
    "text/plain;x=application/json",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "application/json; charset=",
    "application/json; charset=utf-8; charset=utf-16",
    'application/json; charset="utf-8',
    "application/json; charset",
    "application/json charset=utf-8",
    "json",
  ])("of %j is not", (type) => expect(codeFor("Content-Type", type)).toBe("UNSUPPORTED_MEDIA_TYPE"));

  test("without a type, or with two, is not read", () => {
    expect(codeFor()).toBe("UNSUPPORTED_MEDIA_TYPE");
    expect(codeFor("Content-Type", "application/json", "content-type", "application/json")).toBe(
      "UNSUPPORTED_MEDIA_TYPE",
    );
  });

  test.each(["gzip", "br", "deflate", "gzip, identity", "identity, gzip", "x", ""])(
    "encoded as %j is not",
    (encoding) => {
      expect(codeFor("Content-Type", "application/json", "Content-Encoding", encoding)).toBe("UNSUPPORTED_MEDIA_TYPE");
    },
  );

  test("encoded as identity is", () => {
    expect(codeFor("Content-Type", "application/json", "Content-Encoding", "Identity")).toBeNull();
  });
});
