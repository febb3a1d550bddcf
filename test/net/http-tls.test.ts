import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { fhirClient } from "../../adapters/fhir/http.ts";
import { jsonClient } from "../../net/http/json-client.ts";
import { httpLink } from "../../net/http/link.ts";
import type { TlsOptions } from "../../net/http/remote-options.ts";
import { cutOff } from "../../net/http/response.ts";
import { authority, type Certificate } from "../certificates.ts";
import { nameOfThisMachine } from "../faults/names.ts";

const dialect = { said: () => undefined };

const NEVER = new AbortController().signal;
const OK = { resourceType: "Library" };
const TRUSTED = authority("Trusted");
const STRANGER = authority("Stranger");
const HOST = "bank.tls.test";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "odan-tls-"));
  await Promise.all([
    writeFile(join(folder, "ca.pem"), TRUSTED.ca),
    writeFile(join(folder, "both.pem"), STRANGER.ca + TRUSTED.ca),
    writeFile(join(folder, "nonsense.pem"), "nonsense"),
  ]);
  return () => rm(folder, { recursive: true });
});
const written = async (name: string, { certificate, key }: Certificate) => {
  await writeFile(join(folder, `${name}.pem`), certificate);
  await writeFile(join(folder, `${name}.key`), key);
  return { certificate: `${name}.pem`, key: `${name}.key` };
};

const serving = async ({ certificate: cert, key }: Certificate, more: ServerOptions = {}, host = "127.0.0.1") => {
  const name = nameOfThisMachine(HOST);
  let requests = 0;
  const server = createServer({ cert, key, ...more }, (_, response) => {
    requests += 1;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(OK));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    name[Symbol.dispose]();
    server.close();
    server.closeAllConnections();
  });
  return { url: `https://${host}:${(server.address() as AddressInfo).port}/`, requests: () => requests };
};

/** What either client gets of a server. */
const asked = async (url: string, tls: TlsOptions | undefined) => {
  const options = { timeoutMs: 5000, atOnce: 1, ...(tls === undefined ? {} : { tls }) };
  const link = await httpLink(options, { bank: "bank", folder, env: process.env });
  const [json, fhir] = [
    jsonClient("bank", { timeoutMs: 5000, atOnce: 1, dialect, link }),
    fhirClient("bank", url, options, link),
  ];
  onTestFinished(async () => void (await Promise.all([json[Symbol.asyncDispose](), fhir[Symbol.asyncDispose]()])));
  const calls = [json.fetch(new URL(url), NEVER), fhir.fetch("", NEVER)];
  return Promise.all(calls.map((call) => call.catch((error: object) => error)));
};
const both = (wanted: object) => [expect.objectContaining(wanted), expect.objectContaining(wanted)];

test.each([
  ["an address", ["127.0.0.1"], "127.0.0.1"],
  ["a name", [HOST], HOST],
])("a server whose certificate our own authority signed for %s", async (_, names, host) => {
  const { url } = await serving(TRUSTED.issue(names), {}, host);
  expect(await asked(url, { ca: "ca.pem" })).toEqual([OK, OK]);
  expect(await asked(url, { ca: "both.pem" })).toEqual([OK, OK]);
});

test.each<[string, Certificate, TlsOptions | undefined, string]>([
  ["that no public authority signed", TRUSTED.issue(["127.0.0.1"]), undefined, "no trusted authority has signed"],
  ["that another authority signed", STRANGER.issue(["127.0.0.1"]), { ca: "ca.pem" }, "no trusted authority has signed"],
  ["that has expired", TRUSTED.issue(["127.0.0.1"], [-9, -1]), { ca: "ca.pem" }, "has expired (CERT_HAS_EXPIRED)"],
  [
    "that is not valid yet",
    TRUSTED.issue(["127.0.0.1"], [1, 9]),
    { ca: "ca.pem" },
    "is not valid yet (CERT_NOT_YET_VALID)",
  ],
  [
    "of another host",
    TRUSTED.issue(["other.example", "localhost"]),
    { ca: "ca.pem" },
    "of another host (ERR_TLS_CERT_ALTNAME_INVALID)",
  ],
])("a certificate %s: nothing is asked, and the log says why", async (_, certificate, tls, why) => {
  const { url, requests } = await serving(certificate);
  const message = expect.stringContaining(why);
  expect(await asked(url, tls)).toEqual(both({ code: "BANK_UNREACHABLE", message }));
  expect(requests()).toBe(0);
});

const MUTUAL: ServerOptions = { ca: TRUSTED.ca, requestCert: true, rejectUnauthorized: true };

test.each(["TLSv1.2", "TLSv1.3"] as const)("a server that wants our certificate, over %s", async (version) => {
  const { url, requests } = await serving(TRUSTED.issue(["127.0.0.1"]), {
    ...MUTUAL,
    maxVersion: version,
    minVersion: version,
  });
  const good = await written("good", TRUSTED.issue(["odan"]));
  expect(await asked(url, { ca: "ca.pem", ...good })).toEqual([OK, OK]);
  const none = await asked(url, { ca: "ca.pem" });
  const other = await asked(url, { ca: "ca.pem", ...(await written("other", STRANGER.issue(["odan"]))) });
  const old = await asked(url, { ca: "ca.pem", ...(await written("old", TRUSTED.issue(["odan"], [-9, -1]))) });
  // This server says nothing of why it ends; test/adapters/omop-tls has one that does.
  for (const got of [none, other, old]) expect(got).toEqual(both({ code: "BANK_UNREACHABLE" }));
  expect(requests()).toBe(2);
});

// Node's own server ends without a word; OpenSSL's says this to a client of TLS 1.2.
test("a server that says that it does not take our certificate refuses us", () => {
  const cause = Object.assign(new Error("alert"), { code: "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA" });
  expect(cutOff("bank", "/info", cause)).toMatchObject({
    code: "BANK_REFUSED",
    message: "[bank] /info: wanted TLS, got a refusal of our certificate, or of none (ERR_SSL_TLSV1_ALERT_UNKNOWN_CA)",
  });
});

test.each([
  ["an authority that is not there", { ca: "none.pem" }, "adapter.tls.ca: wanted a readable file, got none"],
  [
    "an authority that is none",
    { ca: "nonsense.pem" },
    /^\[bank\] adapter\.tls: wanted PEM files that fit together, got ERR_/,
  ],
  [
    "a key of another certificate",
    { certificate: "one.pem", key: "two.key" },
    /^\[bank\] adapter\.tls: wanted PEM files that fit together, got ERR_OSSL/,
  ],
  [
    "a key that is none",
    { certificate: "one.pem", key: "nonsense.pem" },
    /^\[bank\] adapter\.tls: wanted PEM files that fit together, got ERR_/,
  ],
])("%s is refused before anything is asked", async (_, tls, message) => {
  await written("one", TRUSTED.issue(["one"]));
  await written("two", TRUSTED.issue(["two"]));
  await expect(httpLink({ timeoutMs: 1000, tls }, { bank: "bank", folder, env: process.env })).rejects.toMatchObject({
    code: "BANK_REFUSED",
    message: typeof message === "string" ? `[bank] ${message}` : expect.stringMatching(message),
  });
});
