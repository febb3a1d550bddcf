import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { bankOf, order } from "../../sandbox/control.ts";
import type { BankId } from "../../sandbox/donor.ts";
import { donorsIn, records } from "../../sandbox/population.ts";
import { RELEASES, type ReleaseNumber } from "../../sandbox/releases.ts";

const SIZE = 0.004;
const BANKS = ["tmm", "bbj", "cancer", "ncbn", "rare"] as const;
const root = mkdtempSync(join(tmpdir(), "odan-release-"));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

const run = (file: string, ...args: readonly string[]): ChildProcess => {
  const child = spawn(process.execPath, ["--import", "tsx", file, ...args], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, ODAN_DATA: root, ODAN_SIZE: String(SIZE), ODAN_POSTGRES_URL: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  return child;
};

/** Starts the banks; gives where each can be asked, once all of them and their command can. */
const startBanks = async () => {
  const child = run("sandbox/start.ts", "--banks-only");
  const at = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout! })) {
    const [, bank, place] = /^(\w+): (?:built|ready) in .* at (\S+)$/.exec(line) ?? [];
    if (bank !== undefined && place !== undefined) at.set(bank, place);
    if (line.startsWith("Publish another release")) break;
  }
  child.stdout!.resume();
  expect([...at.keys()].sort()).toEqual([...BANKS].sort());
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  return { at: (bank: BankId) => at.get(bank)!, stop };
};

/** What a command said and how it ended. */
const command = async (file: string, ...args: readonly string[]) => {
  const child = run(file, ...args);
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]!.on("data", (part) => {
      said[stream] += part;
    });
  }
  const [code] = await once(child, "close");
  return { code, ...said };
};

type Shown = { readonly number: string; readonly date: string; readonly donors: number; readonly samples: number };
const json = async (url: string, init: RequestInit = {}) => {
  const response = await fetch(url, init);
  expect(response.status).toBe(200);
  // biome-ignore lint/suspicious/noExplicitAny: an answer as it came
  return (await response.json()) as any;
};
const QUERY = "{ catalogue { release date } donor { hits { total } } sample { hits { total } } }";

/** What each local API says of its release and its size. */
const shown: { readonly [Bank in Exclude<BankId, "bbj">]: (at: string) => Promise<Shown> } = {
  async tmm(at) {
    const { version, updateDateTime } = (await json(`${at}info`)).response;
    const count = async (path: string) =>
      (await json(`${at}${path}?requestedGranularity=count`)).responseSummary.numTotalResults;
    return {
      number: version,
      date: updateDateTime.slice(0, 10),
      donors: await count("individuals"),
      samples: await count("biosamples"),
    };
  },
  async cancer(at) {
    const headers = { "content-type": "application/json" };
    const { data } = await json(at, { method: "POST", headers, body: JSON.stringify({ query: QUERY }) });
    const { release, date } = data.catalogue;
    return { number: release, date, donors: data.donor.hits.total, samples: data.sample.hits.total };
  },
  async rare(at) {
    const { version, date } = await json(`${at}/Library/release`);
    const count = async (type: string) => (await json(`${at}/${type}?_summary=count`)).total;
    return { number: version, date, donors: await count("Patient"), samples: await count("Specimen") };
  },
  async ncbn(at) {
    const client = new pg.Client({ connectionString: at });
    await client.connect();
    const count = (table: string) => `(SELECT count(*)::int FROM cdm.${table})`;
    const { rows } = await client.query(
      `SELECT cdm_etl_reference AS number, cdm_release_date::text AS date, ${count("person")} AS donors,
       ${count("specimen")} AS samples FROM cdm.cdm_source`,
    );
    await client.end();
    return rows[0];
  },
};
const truth = (bank: BankId, release: ReleaseNumber): Shown => {
  const all = [...records(bank, { size: SIZE, release })];
  return { ...RELEASES[release], donors: all.length, samples: all.flatMap(({ samples }) => samples).length };
};

test("a running bank publishes another release on command, answers all the while, and keeps it", {
  timeout: 300_000,
}, async () => {
  const first = await startBanks();
  // Only the owner may give orders.
  expect(statSync(join(root, "sandbox.json")).mode & 0o077).toBe(0);
  const { url } = JSON.parse(readFileSync(join(root, "sandbox.json"), "utf8"));
  expect((await fetch(url, { method: "POST", body: '{"bank":"tmm","release":2}' })).status).toBe(403);
  for (const bank of BANKS) {
    const asked: string[] = [];
    let asking = bank !== "bbj" && bank !== "ncbn";
    const answers = (async () => {
      while (asking) asked.push((await shown[bank as "tmm"](first.at(bank))).number);
    })();
    if (bank !== "bbj") expect(await shown[bank](first.at(bank))).toEqual(truth(bank, 1));
    const { code, stdout, stderr } = await command("sandbox/release.ts", bank);
    asking = false;
    await answers;
    const donors = donorsIn(bank, SIZE, 2).toLocaleString("en");
    expect([code, stderr, stdout]).toEqual([
      0,
      "",
      `${bank}: release 2026.2 of 2026-10-01, ${donors} donors\nAnnounce it to Odan: npm run -s odan -- publish ${bank} --number 2026.2 --date 2026-10-01 --token-file ${relative(process.cwd(), join(root, "operators", `${bank}.token`))}\n`,
    ]);
    expect(asked).toEqual([...asked].sort());
    if (bank !== "bbj") expect(await shown[bank](first.at(bank))).toEqual(truth(bank, 2));
    else expect(JSON.parse(readFileSync(join(root, "bbj/release.json"), "utf8"))).toEqual(RELEASES[2]);
  }
  expect((await command("sandbox/release.ts", "rare", "1")).code).toBe(0);
  expect((await command("sandbox/fault.ts", "tmm", "page")).stdout).toBe("tmm: page\n");
  expect((await fetch(`${first.at("tmm")}info`)).headers.get("content-type")).toBe("text/html");
  expect((await command("sandbox/fault.ts", "tmm")).stdout).toBe("tmm: well\n");
  expect(await shown.tmm(first.at("tmm"))).toEqual(truth("tmm", 2));
  await expect(order(root, "ncbn", { fault: "slow" })).rejects.toThrow("ncbn: this bank has no switches for faults.");
  await first.stop();
  expect(existsSync(join(root, "sandbox.json"))).toBe(false);

  const again = await startBanks();
  for (const bank of ["tmm", "cancer", "ncbn"] as const) {
    expect(await shown[bank](again.at(bank))).toEqual(truth(bank, 2));
  }
  expect(await shown.rare(again.at("rare"))).toEqual(truth("rare", 1));
  expect(JSON.parse(readFileSync(join(root, "bbj/release.json"), "utf8"))).toEqual(RELEASES[2]);
  await again.stop();
});

test("a bank that there is not is one line", () => {
  expect(bankOf("tmm")).toBe("tmm");
  expect(() => bankOf("hospital")).toThrow("wanted a bank (tmm, bbj, ncbn, cancer, rare), got hospital.");
  expect(() => bankOf(undefined)).toThrow("wanted a bank (tmm, bbj, ncbn, cancer, rare), got nothing.");
});

test("where no sandbox runs, that is one line", async () => {
  const none = `sandbox:release: No sandbox runs on ${root}. Start it with npm start, or name its folder by ODAN_DATA.\n`;
  expect(await command("sandbox/release.ts", "tmm")).toEqual({ code: 1, stdout: "", stderr: none });
  // One that was killed leaves its file behind.
  writeFileSync(join(root, "sandbox.json"), JSON.stringify({ url: "http://127.0.0.1:9", token: "", size: 1 }));
  expect(await command("sandbox/release.ts", "tmm")).toEqual({ code: 1, stdout: "", stderr: none });
});
