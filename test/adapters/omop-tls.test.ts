import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import { omop } from "../../adapters/omop.ts";
import { authority, type Certificate } from "../certificates.ts";
import { postgresTls } from "../faults/postgres-tls.ts";
import { ownPostgres, type Postgres } from "../postgres.ts";
import { evaluateLocal } from "./evaluate.ts";
import { FIXTURE } from "./fixture.ts";
import { ABSENT, connect, OPTIONS, writeCdm } from "./omop-bank.ts";
import { question } from "./questions.ts";

const NEVER = new AbortController().signal;
const EVERYBODY = question([]);
const TRUSTED = authority("Trusted");
const STRANGER = authority("Stranger");

let folder: string;
let postgres: Postgres;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "odan-omop-tls-"));
  await writeFile(join(folder, "ca.pem"), TRUSTED.ca);
  await writeFile(join(folder, "stranger.pem"), STRANGER.ca);
  for (const [name, { certificate, key }] of [
    ["good", TRUSTED.issue(["odan"])],
    ["other", STRANGER.issue(["odan"])],
  ] as const) {
    await writeFile(join(folder, `${name}.pem`), certificate);
    await writeFile(join(folder, `${name}.key`), key);
  }
  postgres = await ownPostgres({ ...TRUSTED.issue(["127.0.0.1"]), ca: TRUSTED.ca });
  url = await postgres.newDatabase();
}, 120_000);
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const open = async (at: string, options: object): Promise<Adapter> => {
  const parsed = omop.options.parse({ ...OPTIONS, url: at, ...options });
  const adapter = await omop.open(parsed, ABSENT, { bank: "bank", folder, env: process.env }, NEVER);
  onTestFinished(() => adapter[Symbol.asyncDispose]());
  return adapter;
};
const carded = (): string => {
  const at = new URL(url);
  at.username = "carded";
  return at.href;
};

test("a database is counted over TLS, by a client that shows its certificate where it has to", async () => {
  const client = await connect(url);
  await writeCdm(client, FIXTURE);
  await client.query(
    "CREATE ROLE carded LOGIN; GRANT USAGE ON SCHEMA cdm TO carded; GRANT SELECT ON ALL TABLES IN SCHEMA cdm TO carded",
  );
  const card = { ca: "ca.pem", certificate: "good.pem", key: "good.key" };
  for (const [at, tls] of [
    [url, { ca: "ca.pem" }],
    [carded(), card],
  ] as const) {
    const adapter = await open(at, { tls });
    expect(await adapter.count([EVERYBODY], await adapter.release(NEVER), NEVER)).toEqual([
      evaluateLocal(FIXTURE, EVERYBODY),
    ]);
    const { rows } = await client.query(
      "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'odan'",
    );
    expect(rows).toEqual([{ ssl: true }]);
    await adapter[Symbol.asyncDispose]();
  }

  const message = expect.stringContaining("a refusal of our certificate, or of none (ERR_SSL_");
  const other = { ca: "ca.pem", certificate: "other.pem", key: "other.key" };
  await expect(open(carded(), { tls: other })).rejects.toMatchObject({ code: "BANK_REFUSED", message });
  await expect(open(carded(), { tls: { ca: "ca.pem" } })).rejects.toMatchObject({ code: "BANK_REFUSED" });
  await expect(open(carded(), { tls: false })).rejects.toMatchObject({ code: "BANK_REFUSED" });
});

// The request went over a plain connection, with the key of the session for everybody on the way to read, and to servers that
// take none but TLS in vain.
test("a question that nobody waits for is cancelled behind TLS", async () => {
  const at = await postgres.newDatabase();
  const client = await connect(at);
  await writeCdm(client, FIXTURE);
  const first: string[] = [];
  const spy = createServer((near) => {
    near.once("data", (chunk) => first.push(chunk.toString("hex")));
    const far = dial(Number(new URL(at).port), "127.0.0.1");
    near.on("error", () => far.destroy()).pipe(far);
    far.on("error", () => near.destroy()).pipe(near);
  }).listen(0, "127.0.0.1");
  await once(spy, "listening");
  onTestFinished(() => void spy.close());
  const spied = new URL(at);
  spied.port = String((spy.address() as AddressInfo).port);
  const adapter = await open(spied.href, { tls: { ca: "ca.pem", certificate: "good.pem", key: "good.key" } });
  const release = await adapter.release(NEVER);
  await client.query("ALTER TABLE cdm.specimen RENAME TO specimen_then");
  await client.query(
    "CREATE VIEW cdm.specimen AS SELECT t.* FROM (SELECT pg_sleep(60) IS NULL) AS z(z), cdm.specimen_then t",
  );
  const sleeping = async () => {
    const { rowCount } = await client.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
    );
    return rowCount;
  };
  const asker = new AbortController();
  const counting = adapter.count([EVERYBODY], release, asker.signal);
  counting.catch(() => undefined);
  await expect.poll(sleeping, { timeout: 5000 }).toBe(1);
  asker.abort(new Error("no longer wanted"));
  await expect(counting).rejects.toThrow("no longer wanted");
  await expect.poll(sleeping, { timeout: 5000 }).toBe(0);
  // SSLRequest: eight bytes long, 80877103.
  expect([...new Set(first)]).toEqual(["0000000804d2162f"]);
  expect(first.length).toBeGreaterThan(1);
});

test.each<[string, Certificate, object | boolean, string]>([
  ["that no public authority signed", TRUSTED.issue(["127.0.0.1"]), true, "no trusted authority has signed"],
  ["that another authority signed", STRANGER.issue(["127.0.0.1"]), { ca: "ca.pem" }, "no trusted authority has signed"],
  ["that has expired", TRUSTED.issue(["127.0.0.1"], [-9, -1]), { ca: "ca.pem" }, "has expired"],
  ["of another host", TRUSTED.issue(["localhost"]), { ca: "ca.pem" }, "of another host"],
])("a certificate %s: nothing is said to the server, and the log says why", async (_, certificate, tls, why) => {
  const front = await postgresTls(certificate);
  onTestFinished(() => front[Symbol.asyncDispose]());
  const at = `postgres://odan@127.0.0.1:${front.port}/odan`;
  const message = expect.stringMatching(new RegExp(`^\\[bank\\] PostgreSQL: wanted TLS, got a certificate .*${why}`));
  await expect(open(at, { tls })).rejects.toMatchObject({ code: "BANK_UNREACHABLE", message });
  expect(front.heard()).toBe(0);
});

test("a server that does not speak TLS is not asked without it", async () => {
  const plain = await ownPostgres();
  onTestFinished(() => plain[Symbol.asyncDispose]());
  await expect(open(plain.url, { tls: true })).rejects.toMatchObject({
    code: "BANK_UNREACHABLE",
    message: "[bank] PostgreSQL: wanted TLS, got a server that does not speak it",
  });
}, 60_000);
