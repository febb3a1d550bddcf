import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder, writeFiles } from "../folder.ts";
import { startProcess } from "../started-process.ts";

const TOKEN = "0123456789abcdef";
const LEASE_MS = 300;
/** Only a process that hangs is to run into it. */
const TIMEOUT = { timeout: 60_000, interval: 50 };

const YAML = `id: small
name: { en: Small Bank }
contact: { name: Office, email: office@small.example }
size: { donors: 100, samples: 100 }
adapter:
  kind: tabular
  folder: data
  donors: { file: donors.csv, id: id, sex: sex }
  samples: { file: samples.csv, donor: id, type: type }
sex: { "1": MALE, "2": FEMALE }
sampleType: { P: PLASMA }
complete: [sex, sampleType]
release: { announced: true }
disclosure: { off: true }
`;

/** The files of a release: as many women as it says. */
const load = (folder: string, number: number, women: number): Promise<void> =>
  writeFiles(join(folder, "data"), {
    "donors.csv": [["id", "sex"], ...Array.from({ length: women }, (_, id) => [id, 2]), [99, 1]],
    "samples.csv": [
      ["id", "type"],
      [99, "P"],
    ],
    "release.json": JSON.stringify({ number, date: "2026-04-01" }),
  });

const run = (args: readonly string[], env: { readonly [name: string]: string }) =>
  startProcess(args, { ODAN_RATE: "off", ...env });
const urlOf = async ({ child, out, err }: ReturnType<typeof run>): Promise<string> => {
  await expect.poll(() => out().includes("\n") || child.exitCode !== null, TIMEOUT).toBe(true);
  return / answers at (http:\S+)\n$/.exec(out())?.[1] ?? `no URL: ${err()}`;
};

const QUERY = `{ search(where: { sex: [FEMALE] }) { complete banks { status staleSince release { id } donors { min max } problem { code } } } }`;
const search = async (url: string, query = QUERY) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const { data } = await response.json();
  return { complete: data.search.complete, ...data.search.banks[0] };
};

test("a bank as a process of its own: it answers, is killed, and comes back with its release", async () => {
  const folder = await newFolder();
  await writeFile(join(folder, "bank.yaml"), YAML);
  await writeFile(join(folder, "token"), `${TOKEN}\n`, { mode: 0o600 });
  await mkdir(join(folder, "data"));
  await load(folder, 1, 3);
  const env = {
    ODAN_DATA: join(folder, "odan"),
    ODAN_OPERATOR_TOKEN_FILE: join(folder, "token"),
    ODAN_LEASE_MS: String(LEASE_MS),
  };
  const startBank = (port = "0") =>
    run(["gateway/cli.ts", "subgraph", join(folder, "bank.yaml")], { ...env, PORT: port });
  const stateNow = async () => JSON.parse(await readFile(join(folder, "odan", "releases", "small.json"), "utf8"));

  const bank = startBank();
  const bankUrl = await urlOf(bank);
  const gateway = run(["gateway/main.ts"], {
    ODAN_DATA: join(folder, "gateway"),
    ODAN_BANKS: bankUrl,
    ODAN_OPERATOR_TOKEN_FILE: join(folder, "token"),
  });
  const url = await urlOf(gateway);
  const first = { complete: true, status: "ANSWERED", staleSince: null, problem: null };
  expect(await search(url)).toEqual({ ...first, release: { id: "small@1" }, donors: { min: 3, max: 3 } });
  const kept = await stateNow();
  expect(kept).toMatchObject({ about: { release: { id: "small@1", kind: "ANNOUNCED" } } });

  bank.child.kill("SIGKILL");
  await bank.ended;
  await expect.poll(async () => (await search(url)).status, TIMEOUT).toBe("STALE");
  const stale = await search(url);
  expect(stale).toMatchObject({
    complete: false,
    release: { id: "small@1" },
    donors: { min: 3, max: 3 },
    problem: { code: "BANK_UNREACHABLE" },
  });
  expect(Date.parse(stale.staleSince)).toBeLessThan(Date.now());

  const again = startBank(new URL(bankUrl).port);
  expect(await urlOf(again)).toBe(bankUrl);
  await expect.poll(async () => (await search(url)).status, TIMEOUT).toBe("ANSWERED");
  expect(await stateNow(), "the edition outlived the process").toEqual(kept);

  // Published through the gateway, by the command line.
  const publish = async (number: string, at: string) => {
    const args = ["publish", "small", "--number", number, "--date", "2026-04-01", "--url", at];
    const cli = run(["gateway/cli.ts", ...args], { ODAN_OPERATOR_TOKEN_FILE: join(folder, "token") });
    return { ended: await cli.ended, out: cli.out(), err: cli.err() };
  };
  expect(await publish("2", url)).toMatchObject({ ended: [2, null], err: expect.stringContaining("wanted small@2") });
  await load(folder, 2, 5);
  expect(await publish("2", url)).toMatchObject({
    ended: [0, null],
    out: "Published small@2 (2026-04-01): no gateway answers from an older release as fresh.\n",
  });
  expect(await search(url)).toEqual({ ...first, release: { id: "small@2" }, donors: { min: 5, max: 5 } });

  // And straight at the bank.
  await load(folder, 3, 4);
  expect(await publish("3", bankUrl)).toMatchObject({ ended: [0, null] });
  expect(await search(url)).toEqual({ ...first, release: { id: "small@3" }, donors: { min: 4, max: 4 } });
  expect((await stateNow()).edition.ordinal).toBeGreaterThan(kept.edition.ordinal);

  again.child.kill("SIGTERM");
  expect(await again.ended, "it ends although the gateway holds connections to it").toEqual([0, null]);
  gateway.child.kill("SIGTERM");
  expect(await gateway.ended).toEqual([0, null]);
});

test("a bank that its operator withdraws: no gateway answers for it, the command line and a stream say so", async () => {
  const folder = await newFolder();
  await mkdir(join(folder, "data"));
  await load(folder, 1, 3);
  const env = { ODAN_DATA: join(folder, "odan"), ODAN_LEASE_MS: String(LEASE_MS) };
  const startBank = async (state: string, port = "0") => {
    await writeFile(join(folder, "bank.yaml"), `${YAML}state: ${state}\n`);
    const bank = run(["gateway/cli.ts", "subgraph", join(folder, "bank.yaml")], { ...env, PORT: port });
    return { ...bank, url: await urlOf(bank) };
  };
  const bank = await startBank("LIVE");
  const gateway = run(["gateway/main.ts"], { ODAN_DATA: join(folder, "gateway"), ODAN_BANKS: bank.url });
  const url = await urlOf(gateway);
  expect(await search(url)).toMatchObject({ status: "ANSWERED", donors: { min: 3, max: 3 } });

  bank.child.kill("SIGTERM");
  await bank.ended;
  const gone = await startBank("WITHDRAWN", new URL(bank.url).port);
  const named = QUERY.replace("search(", 'search(banks: ["small"], ');
  const silent = {
    complete: false,
    status: "WITHDRAWN",
    staleSince: null,
    release: null,
    donors: { min: 0, max: 100 },
    problem: { code: "BANK_WITHDRAWN" },
  };
  await expect.poll(() => search(url, named), TIMEOUT).toEqual(silent);
  await expect.poll(() => search(url), TIMEOUT).toEqual({ complete: false });

  const cli = run(["gateway/cli.ts", "search", "--sex", "FEMALE", "--bank", "small", "--url", url], {});
  await cli.ended;
  expect(cli.out()).toMatch(/^Small Bank +withdrawn +0–100 /m);
  const stream = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({
      query: `subscription { search(where: {}, banks: ["small"]) { answers { status problem { code } } search { complete } last } }`,
    }),
  });
  expect(await stream.text()).toContain(
    '{"answers":[{"status":"WITHDRAWN","problem":{"code":"BANK_WITHDRAWN"}}],"search":{"complete":false},"last":true}',
  );
  const shown = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: `{ bank(id: "small") { state name { en } release { id } } }` }),
  });
  expect(await shown.json()).toEqual({
    data: { bank: { state: "WITHDRAWN", name: { en: "Small Bank" }, release: { id: "small@1" } } },
  });
  expect(gone.err()).toBe("");
});
