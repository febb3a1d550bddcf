import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder, writeFiles } from "../folder.ts";
import { startProcess } from "../started-process.ts";

/** Only a process that hangs is to run into it. */
const TIMEOUT = { timeout: 60_000, interval: 50 };
/** The promise to the administrator. */
const REVOKED_WITHIN = { timeout: 5000, interval: 50 };

const YAML = `id: small
name: { en: Small Bank }
contact: { name: Office, email: office@small.example }
size: { donors: 100, samples: 100 }
adapter:
  kind: tabular
  folder: data
  donors: { file: donors.csv, id: id }
  samples: { file: samples.csv, donor: id, type: type }
sampleType: { P: PLASMA }
release: { announced: true }
disclosure: { off: true }
`;

const run = (args: readonly string[], env: { readonly [name: string]: string }) =>
  startProcess(args, { ODAN_LEASE_MS: "300", ...env });

/** Everything that Odan has written to disk, as one text. */
const onDisk = async (folder: string): Promise<string> => {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, "latin1")))).join("\n");
};

test("an administrator issues tokens, they work at every gateway, and a revoked one stops within five seconds", {
  timeout: 120_000,
}, async () => {
  const folder = await newFolder();
  const data = join(folder, "odan");
  await mkdir(join(folder, "data"));
  await writeFile(join(folder, "bank.yaml"), YAML);
  await writeFiles(join(folder, "data"), {
    "donors.csv": [["id"], [1]],
    "samples.csv": [
      ["id", "type"],
      [1, "P"],
    ],
    "release.json": JSON.stringify({ number: 1, date: "2026-04-01" }),
  });
  const odan = async (args: readonly string[], env: { readonly [name: string]: string } = {}) => {
    const { out, err, ended } = run(["gateway/cli.ts", ...args], { ODAN_DATA: data, ...env });
    const [code] = await ended;
    return { code, out: out(), err: err() };
  };
  const startGateway = async (banks: string): Promise<string> => {
    const { out, err } = run(["gateway/main.ts"], { ODAN_DATA: data, ODAN_BANKS: banks });
    await expect.poll(() => out() + err(), TIMEOUT).toContain("\n");
    return / answers at (http:\S+)\n$/.exec(out())?.[1] ?? `no URL: ${err()}`;
  };
  const asker = async (url: string, token: string) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const body = JSON.stringify({ query: "{ asker { tier name } }" });
    const response = await fetch(url, { method: "POST", headers, body });
    const { data, errors } = await response.json();
    return data?.asker ?? errors[0].extensions.code;
  };

  // The bank may be one that has not joined yet; the token is issued before any gateway has run.
  const operator = await odan(["token", "operator", "small"]);
  expect(operator).toEqual({
    code: 0,
    out: expect.stringMatching(/^odan_[0-9A-Za-z]{38}\n$/),
    err: expect.stringMatching(/token [0-9a-f]{12} of the operator of bank small, good until \d{4}-\d\d-\d\d/),
  });
  const token = operator.out.trim();
  const [one, other] = [await startGateway(join(folder, "bank.yaml")), await startGateway(",")];
  for (const url of [one, other]) expect(await asker(url, token)).toEqual({ tier: "OPERATOR", name: "small" });

  const file = join(folder, "token");
  await writeFile(file, operator.out);
  const PUBLISH = ["publish", "small", "--number", "1", "--date", "2026-04-01", "--url", one];
  expect(await odan([...PUBLISH, "--token-file", file])).toMatchObject({ code: 0 });

  // A running gateway takes a new token.
  const researcher = (await odan(["token", "researcher", "Hanako Sato", "--days", "30"])).out.trim();
  await expect.poll(() => asker(other, researcher), TIMEOUT).toEqual({ tier: "REGISTERED", name: "Hanako Sato" });
  expect(await odan(["banks", "--url", one], { ODAN_TOKEN: researcher })).toMatchObject({ code: 0 });
  expect(await odan(["banks", "--url", one], { ODAN_TOKEN: "odan_wrong" })).toMatchObject({
    code: 2,
    err: expect.stringContaining("cut or mistyped"),
  });
  expect(await odan([...PUBLISH], { ODAN_TOKEN: researcher })).toMatchObject({ code: 2 });

  const list = await odan(["token", "list"]);
  expect(list.out).toMatch(/REGISTERED +Hanako Sato +\S+ +\S+ +good/);
  const json = await odan(["token", "list", "--json"]);
  expect(JSON.parse(json.out)).toHaveLength(2);
  for (const secret of [token, researcher].map((each) => each.slice("odan_".length))) {
    for (const text of [list.out, json.out, await onDisk(data)]) expect(text).not.toContain(secret);
  }

  expect(await odan(["token", "revoke", "nobody"])).toMatchObject({
    code: 2,
    err: 'odan: the state is that of DATA\nodan: wanted an id or a name of odan token list, got "nobody".\n'.replace(
      "DATA",
      data,
    ),
  });
  expect(await odan(["token", "revoke", "Hanako Sato"])).toMatchObject({
    code: 0,
    err: expect.stringContaining("of researcher Hanako Sato. Gateways refuse it within 5 seconds."),
  });
  for (const url of [one, other]) await expect.poll(() => asker(url, researcher), REVOKED_WITHIN).toBe("SIGN_IN");
  expect(await asker(one, token)).toEqual({ tier: "OPERATOR", name: "small" });
});
