import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type HttpFault, httpProxy } from "../faults/http-proxy.ts";
import { inProcess } from "../gateway/in-process.ts";
import { TRUSTED } from "./edges.ts";
import { type Answered, openHouse, openTown, TIMEOUT_MS, type Town, TWO_YAML } from "./house.ts";

/** Whatever goes wrong at the first of two addresses of a local API, the second one answers, with the same numbers. */

const PATIENT_MS = 30_000;
/** What is waited for the first address, at most, before the second is asked; for the lease, and for the count. */
const WITHIN_MS = 2 * TIMEOUT_MS + 1000;
const ASKED = [{ sex: ["FEMALE"] }, { sample: { type: ["DNA"] } }, { not: { sex: ["FEMALE"] } }] as const;
const PATHS = { tmm: "/", cancer: "/graphql", rare: "/fhir" } as const;
const VARIABLES = { tmm: "ODAN_TMM_URL", cancer: "ODAN_CANCER_URL", rare: "ODAN_RARE_URL" } as const;
type Id = keyof typeof PATHS;

let town: Town;
let truths: readonly Answered["banks"][];
beforeAll(async () => {
  town = await openTown(TRUSTED);
  const house = await openHouse(
    await Promise.all(Object.keys(PATHS).map(async (id) => inProcess(await town.bank(id)))),
  );
  truths = await Promise.all(ASKED.map(async (where) => (await house.ask(where, PATIENT_MS)).banks));
  await house[Symbol.asyncDispose]();
});
afterAll(() => town?.[Symbol.asyncDispose]());

test.each<[Id, HttpFault]>([
  ["tmm", { kind: "refuse" }],
  ["rare", { kind: "half-open" }],
  ["tmm", { kind: "silent" }],
  ["cancer", { kind: "garbage", what: "tls" }],
  ["rare", { kind: "redirect" }],
  ["tmm", { kind: "flood", what: "deep" }],
  ["cancer", { kind: "busy", status: 503, after: "seconds" }],
  ["rare", { kind: "flap" }],
])("%s at two addresses, of which the first goes wrong: %o", async (id, fault) => {
  const proxy = await httpProxy(new URL(town.env[VARIABLES[id]]).origin);
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const first = { ODAN_FIRST_URL: `http://127.0.0.1:${proxy.port}${PATHS[id]}` };
  const house = await openHouse([inProcess(await town.bank(id, first, { leaseMs: 1 }, TWO_YAML))]);
  onTestFinished(() => house[Symbol.asyncDispose]());
  for (const [index, where] of ASKED.entries()) {
    if (index === 1) await proxy.set(fault);
    const { banks, ms, lateMs } = await house.ask(where, PATIENT_MS);
    const { donors, samples } = truths[index]![id]!;
    expect(banks[id]).toMatchObject({ status: "ANSWERED", problem: null, donors, samples });
    if (index > 0) expect(ms).toBeLessThan(WITHIN_MS + lateMs);
  }
});
