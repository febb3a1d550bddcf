import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../gateway/cli/run.ts";
import { exitOf, startChild, whenReady } from "../../sandbox/child.ts";
import type { BankReport } from "../../subgraphs/check/check-bank.ts";

/** The banks of the sandbox, one of each kind, behind their own protocols; and how many donors each holds at this size. */
const DONORS = { bbj: 5400, cancer: 273, ncbn: 2000, rare: 110, tmm: 3000 } as const;
const SIZE = "0.02";
const BANKS = Object.keys(DONORS) as (keyof typeof DONORS)[];

const children: ChildProcess[] = [];
const env: { [name: string]: string } = {};

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "odan-check-"));
  env["ODAN_DATA"] = folder;
  for (const bank of BANKS) {
    children.push(
      startChild(`sandbox/${bank}/main.ts`, { ODAN_DATA: folder, ODAN_SIZE: SIZE, PORT: "0", ODAN_POSTGRES_URL: "" }),
    );
  }
  const places = await Promise.all(children.map(whenReady));
  BANKS.forEach((bank, at) => {
    if (bank !== "bbj") env[`ODAN_${bank.toUpperCase()}_URL`] = places[at]!.at;
  });
});
afterAll(async () => {
  for (const child of children) child.kill("SIGTERM");
  await Promise.all(children.map(exitOf));
  await rm(env["ODAN_DATA"]!, { recursive: true, force: true });
});

const odan = async (...args: readonly string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const print = (text: string) => out.push(text);
  const code = await run(args, { env, colours: false, print, complain: (line) => err.push(line) });
  return { code, out: out.join("\n"), err };
};

test.each(BANKS)("%s may join, and is told with its raw counts", async (bank) => {
  const { code, out, err } = await odan("bank", "check", `subgraphs/banks/${bank}/bank.yaml`, "--json");
  const report = JSON.parse(out) as BankReport;
  expect(report.findings.filter(({ level }) => level === "ERROR")).toEqual([]);
  expect({ code, err }).toEqual({ code: 0, err: [] });
  expect(report.everything.donors).toBe(DONORS[bank]);
  expect(report.release?.id).toBe(`${bank}@2026.1`);
  expect(report.coverage.length).toBeGreaterThan(5);
  const sex = report.coverage.find(({ field }) => field === "SEX");
  expect(sex?.mapped?.donors).toBeGreaterThan(0);
  const known = [sex?.mapped, sex?.unmapped, sex?.absent];
  if (!known.includes(undefined)) expect(known.reduce((sum, each) => sum + each!.donors, 0)).toBe(DONORS[bank]);
});

test("the report names the bank, its release and the fields", async () => {
  const { out } = await odan("bank", "check", "subgraphs/banks/bbj/bank.yaml");
  expect(out).toContain("bbj@2026.1");
  expect(out).toMatch(/^SEX +5,372 +5,372 +0 +0 +28 +28/m);
  expect(out).toContain("0 errors, 4 warnings. May join.");
});
