import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { authority } from "../certificates.ts";
import { newFolder, writeFiles } from "../folder.ts";
import { type StartedProcess, startProcess } from "../started-process.ts";

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
  samples: { file: samples.csv, donor: id, type: type, year: year }
sex: { "1": MALE, "2": FEMALE }
sampleType: { P: PLASMA }
complete: [sex, sampleType]
release: { announced: true }
disclosure: { off: true }
`;

type Environment = { readonly [name: string]: string };

const run = (args: readonly string[], env: Environment) =>
  startProcess(args, { NODE_ENV: "test", ODAN_RATE: "off", ...env });
const urlOf = async ({ child, out, err }: StartedProcess): Promise<string> => {
  await expect.poll(() => / answers at \S+\n/.test(out()) || child.exitCode !== null, TIMEOUT).toBe(true);
  return / answers at (\S+)\n/.exec(out())?.[1] ?? `no URL: ${err()}`;
};

/** A folder with a bank of two women and a man, which has been given no key yet. */
const bankFolder = async (): Promise<string> => {
  const folder = await newFolder();
  await writeFile(join(folder, "bank.yaml"), YAML);
  await mkdir(join(folder, "data"));
  await writeFiles(join(folder, "data"), {
    "donors.csv": [
      ["id", "sex"],
      [1, 2],
      [2, 2],
      [3, 1],
    ],
    "samples.csv": [
      ["id", "type", "year"],
      [1, "P", 2013],
    ],
    "release.json": JSON.stringify({ number: 1, date: "2026-04-01" }),
  });
  return folder;
};

const startBank = (folder: string, env: Environment = {}) =>
  run(["gateway/cli.ts", "subgraph", join(folder, "bank.yaml")], { ODAN_DATA: join(folder, "bank"), ...env });
const startGateway = (folder: string, bank: string, env: Environment = {}) =>
  run(["gateway/main.ts"], { ODAN_DATA: join(folder, "gateway"), ODAN_BANKS: bank, ...env });
const keyOf = async (folder: string, ...args: readonly string[]): Promise<string> => {
  const { ended, out } = run(["gateway/cli.ts", "key", ...args], { ODAN_DATA: join(folder, "bank") });
  expect(await ended).toEqual([0, null]);
  return out().trim();
};

const post = async (url: string, query: string): Promise<string> => {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
  return response.text();
};
/** Each question is a new one: no cache has its answer. */
let year = 1000;
const search = async (url: string) => {
  year += 1;
  const where = `{ sex: [FEMALE], not: { sample: { collectedYear: { from: ${year}, to: ${year} } } } }`;
  const text = await post(url, `{ search(where: ${where}) { banks { status donors { min max } problem { code } } } }`);
  return JSON.parse(text).data.search.banks[0];
};
const ANSWERED = { status: "ANSWERED", donors: { min: 2, max: 2 }, problem: null };
const answered = (url: string) => expect.poll(() => search(url), TIMEOUT).toEqual(ANSWERED);

test("a bank that others can reach starts with the gateways' keys only, and rotates its own without a wrong answer", async () => {
  const folder = await bankFolder();
  const open = startBank(folder, { HOST: "0.0.0.0" });
  expect(await open.ended).toEqual([1, null]);
  expect(open.err()).toMatch(/^HOST 0\.0\.0\.0: wanted ODAN_GATEWAY_KEYS too/);

  // The bank hands its key to the federation, and the federation its keys to the bank.
  const key = await keyOf(folder);
  expect(key).toMatch(/^[\w-]{43}$/);
  expect((await stat(join(folder, "bank", "bank.key"))).mode & 0o777).toBe(0o600);
  const next = await keyOf(folder, join(folder, "next.key"));
  const plain = startBank(folder);
  const port = new URL(await urlOf(plain)).port;
  plain.child.kill("SIGKILL");
  const place = `small=http://127.0.0.1:${port}/#${key}+${next}`;
  const keyFile = join(folder, "keys");
  await writeFile(keyFile, `${"1".repeat(64)}\n`);
  const first = await urlOf(startGateway(folder, place, { ODAN_KEY_FILE: keyFile }));
  const trusted = join(folder, "gateways.json");
  const takeKeysOf = async (url: string) => writeFile(trusted, await post(url, "{ keys }"));
  await takeKeysOf(first);
  const serving = { HOST: "0.0.0.0", PORT: port, ODAN_GATEWAY_KEYS: trusted };
  const bank = startBank(folder, serving);
  await urlOf(bank);
  await expect.poll(() => bank.out(), TIMEOUT).toContain(`\nsmall signs with ${key}\n`);
  await answered(first);
  expect(JSON.parse(await post(`http://127.0.0.1:${port}/`, "{ lease }")).errors[0].extensions.code).toBe("SIGN_IN");
  await expect.poll(() => bank.out() + bank.err(), TIMEOUT).toContain("got a request without odan-request");

  // A new key of the gateways, told to the bank before it signs; both gateways are asked all the time.
  await writeFile(keyFile, `${"1".repeat(64)}\n${"2".repeat(64)}\n`);
  const told = await urlOf(startGateway(folder, place, { ODAN_KEY_FILE: keyFile }));
  expect(JSON.parse(await readFile(trusted, "utf8")).data.keys).toHaveLength(1);
  await takeKeysOf(told);
  expect(JSON.parse(await readFile(trusted, "utf8")).data.keys).toHaveLength(2);
  const gateways = [first];
  const seen: { readonly status: string }[] = [];
  let stop = false;
  const load = (async () => {
    while (!stop) seen.push(...(await Promise.all(gateways.map(search))));
  })();
  await writeFile(keyFile, `${"2".repeat(64)}\n${"1".repeat(64)}\n`);
  const second = await urlOf(startGateway(folder, place, { ODAN_KEY_FILE: keyFile }));
  await answered(second);
  gateways.push(second);
  await expect.poll(() => seen.length, TIMEOUT).toBeGreaterThan(20);
  expect(seen).toEqual(seen.map(() => ANSWERED));

  // A new key of the bank, whose process starts anew: it is out of reach for a moment, and nothing else.
  bank.child.kill("SIGTERM");
  expect(await bank.ended).toEqual([0, null]);
  const renewed = startBank(folder, { ...serving, ODAN_BANK_KEY_FILE: join(folder, "next.key") });
  await urlOf(renewed);
  await expect.poll(() => renewed.out(), TIMEOUT).toContain(`small signs with ${next}`);
  await answered(second);
  stop = true;
  await load;
  expect(
    [...new Set(seen.map(({ status }) => status))].filter((status) => !/ANSWERED|UNREACHABLE/.test(status)),
  ).toEqual([]);

  // Without the old key, the old gateway is refused.
  const { data } = JSON.parse(await readFile(trusted, "utf8"));
  await writeFile(trusted, JSON.stringify(data.keys.slice(1)));
  await expect.poll(async () => (await search(first)).status, TIMEOUT).toBe("REFUSED");
  await answered(second);
});

test("with TLS on both sides only a gateway with a certificate of the authority is answered", async () => {
  const folder = await bankFolder();
  const trusted = authority("Federation");
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const filesOf = async (name: string, of: ReturnType<typeof authority>): Promise<Environment> => {
    const { certificate, key } = of.issue([name]);
    return {
      ODAN_TLS_CERT_FILE: await write(`${name}.pem`, certificate),
      ODAN_TLS_KEY_FILE: await write(`${name}.key`, key),
      ODAN_TLS_CA_FILE: await write("ca.pem", trusted.ca),
    };
  };
  const bankTls = await filesOf("127.0.0.1", trusted);
  const key = await keyOf(folder);
  const keyFile = await write("keys", "3".repeat(64));
  const helper = await urlOf(startGateway(folder, "http://127.0.0.1:1/", { ODAN_KEY_FILE: keyFile }));
  const [{ x }] = JSON.parse(await post(helper, "{ keys }")).data.keys;
  const url = await urlOf(startBank(folder, { ...bankTls, ODAN_GATEWAY_KEYS: x }));
  expect(url).toMatch(/^https:/);
  const place = `small=${url}#${key}`;
  const gateway = startGateway(folder, place, { ODAN_KEY_FILE: keyFile, ...(await filesOf("gateway", trusted)) });
  await answered(await urlOf(gateway));

  const strangers = await filesOf("stranger", authority("Another"));
  const { ODAN_TLS_CA_FILE } = bankTls;
  const others: readonly (readonly [env: Environment, logged: RegExp])[] = [
    // Over TLS 1.3 a client hears of the refusal of its certificate after it has connected.
    [strangers, /wanted (TLS|an answer), got/],
    [{ ODAN_TLS_CA_FILE: ODAN_TLS_CA_FILE! }, /wanted (TLS|an answer), got/],
    [{}, /wanted TLS, got a certificate that no trusted authority has signed/],
  ];
  for (const [env, logged] of others) {
    const data = join(folder, `stranger-${Object.keys(env).length}`);
    const stranger = startGateway(folder, place, { ODAN_KEY_FILE: keyFile, ODAN_DATA: data, ...env });
    expect(await search(await urlOf(stranger))).toBeUndefined();
    await expect.poll(() => stranger.out() + stranger.err(), TIMEOUT).toMatch(logged);
  }
});
