import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { BankYamlError } from "../../subgraphs/mapping/bank-yaml-error.ts";
import { openBank } from "../../subgraphs/serve/open.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "odan-yaml-"));
  return () => rm(folder, { recursive: true });
});

/** What is wrong with an adapter's section, which begins at line 5. */
const findings = async (section: string, env = {}): Promise<readonly string[]> => {
  const file = join(folder, "bank.yaml");
  const lines = ["id: small", "name: Small", "contact: { name: Office, email: office@small.example }", "size: {}"];
  await writeFile(file, [...lines, "adapter:", section, "disclosure: { off: true }"].join("\n"));
  try {
    await (await openBank(file, env))[Symbol.asyncDispose]();
    return [];
  } catch (error) {
    return (error as BankYamlError).findings;
  }
};
const beacon = (settings: string): string => `  kind: beacon\n${settings}`;
const ONE = "  url: https://bank.example/\n";

test.each([
  ["one URL", beacon(ONE)],
  ["several", beacon("  url: [https://a.example/, https://b.example/]")],
  ["a bearer token", beacon(`${ONE}  auth: { bearer: env:TOKEN }`)],
  ["a user", beacon(`${ONE}  auth: { basic: { user: odan, password: file:pw } }`)],
  [
    "client credentials",
    beacon(`${ONE}  auth: { oauth: { tokenUrl: https://id.example/token, clientId: odan, clientSecret: env:SECRET } }`),
  ],
  [
    "files and a proxy",
    beacon(`${ONE}  tls: { ca: ca.pem, certificate: me.pem, key: me.key }\n  proxy: http://proxy.example:3128`),
  ],
  [
    "several databases",
    "  kind: omop\n  url: [postgres://odan@a/db, postgres://odan@b/db]\n  password: env:PW\n  tls: true",
  ],
  ["a password that the environment gives", `  kind: omop\n  url: postgres://odan:\${PW}@a/db`],
])("%s", async (_, section) => expect(await findings(section, { PW: "hush" })).toEqual([]));

const ELSEWHERE = "wanted env:NAME or file:PATH, so that no secret stands in bank.yaml";
const URL_ALONE = "wanted a URL without a password: name it under `password` or `auth`, as env:NAME or file:PATH";

test.each([
  ["no URL", beacon(""), "line 5, adapter.url: wanted a URL, or a list of them"],
  ["an empty list", beacon("  url: []"), "line 7, adapter.url: wanted a URL, or a list of them"],
  [
    "what is no URL",
    beacon("  url: bank.example"),
    "line 7, adapter.url: wanted a URL such as https://bank.example/api",
  ],
  [
    "what is no URL among several",
    beacon("  url: [https://a.example/,\n    bank.example]"),
    "line 8, adapter.url.1: wanted a URL such as https://bank.example/api",
  ],
  ["a token in the file", beacon(`${ONE}  auth: { bearer: hush }`), `line 8, adapter.auth.bearer: ${ELSEWHERE}`],
  [
    "a token of the environment in the file",
    beacon(`${ONE}  auth: { bearer: "\${PW}" }`),
    `line 8, adapter.auth.bearer: ${ELSEWHERE} (from the environment variable PW)`,
  ],
  [
    "a password in the file",
    beacon(`${ONE}  auth:\n    basic: { user: odan, password: hush }`),
    `line 9, adapter.auth.basic.password: ${ELSEWHERE}`,
  ],
  ["a password in the URL", beacon("  url: https://odan:hush@bank.example/"), `line 7, adapter.url: ${URL_ALONE}`],
  [
    "a password in the URL of a database that stands in for another",
    `  kind: omop\n  url: "\${NCBN:-postgres://odan:hush@a/db}"`,
    `line 7, adapter.url: ${URL_ALONE}`,
  ],
  [
    "a user in the URL",
    beacon("  url: https://odan@bank.example/"),
    "line 7, adapter.url: wanted a URL without user and password: they belong under `auth`",
  ],
  [
    "two ways to log in",
    beacon(`${ONE}  auth: { bearer: env:A, basic: { user: a, password: env:B } }`),
    "line 8, adapter.auth: wanted one of `basic`, `bearer` and `oauth`",
  ],
  [
    "an unknown way",
    beacon(`${ONE}  auth: { token: env:A }`),
    "line 8, adapter.auth.token: unknown setting: wanted one of basic, bearer, oauth, got token. Remove it.",
  ],
  [
    "TLS without https",
    beacon("  url: [https://a.example/, http://b.example/]\n  tls: { ca: ca.pem }"),
    "line 8, adapter.tls: wanted https in every `url`, since there is `tls`",
  ],
  [
    "a certificate without its key",
    beacon(`${ONE}  tls: { certificate: me.pem }`),
    "line 8, adapter.tls: wanted `certificate` and `key` together",
  ],
  [
    "two words on TLS",
    "  kind: omop\n  url: postgres://odan@a/db?sslmode=no-verify\n  tls: true",
    "line 8, adapter.tls: wanted `tls`, or what the parameters of `url` say of it, not both",
  ],
  [
    "an unknown kind",
    "  kind: beakon",
    "line 6, adapter.kind: wanted one of beacon, fhir, omop, sqon, tabular, got beakon",
  ],
])("%s is told by line, field and what was wanted, without what is secret", async (_, section, message) => {
  const found = await findings(section, { PW: "hush" });
  expect(found).toContain(message);
  expect(found.join()).not.toContain("hush");
});
