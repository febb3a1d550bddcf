import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { switchFaults } from "../../sandbox/faults.ts";
import { EDGES, stopPostgres, TRUSTED } from "./edges.ts";
import type { Fault } from "./faults.ts";
import { type Answered, openHouse, openTown } from "./house.ts";

/** An asker's deadline and a bank's `timeoutMs` both mean what they say, up to the local API. */

const SLOW_MS = 12_000;
const LONGEST_MS = 30_000;
const KINDS = ["beacon", "sqon", "fhir", "omop"] as const;
type Kind = (typeof KINDS)[number];
/** Nobody reads PostgreSQL's tables until they are unlocked. */
const LOCKED: Fault = { sql: "locked", statuses: [] };

afterAll(stopPostgres);

/** What each kind of bank answers to a new question where its local API is slow, all of them asked at once. */
const askSlowBanks = async (timeoutMs: number): Promise<{ readonly [edge: string]: Answered }> => {
  const closing: AsyncDisposable[] = [];
  onTestFinished(async () => {
    for (const each of closing.reverse()) await each[Symbol.asyncDispose]();
  });
  const opened = async <T extends AsyncDisposable>(opening: Promise<T>): Promise<T> => {
    const each = await opening;
    closing.push(each);
    return each;
  };
  const town = await opened(openTown(TRUSTED, timeoutMs));
  const banks: { readonly edge: Kind; readonly ask: () => Promise<Answered> }[] = [];
  for (const edge of KINDS) {
    const { bank, way: open } = EDGES[edge]!;
    // A catalogue is asked for its release behind the count: with a lease before it that would be three times 12 s.
    const way = await opened(open(town, edge === "sqon" ? { leaseMs: 60_000 } : {}));
    const house = await opened(openHouse([way.link]));
    // Opening takes many requests.
    const status = async () => (await house.ask({ sex: ["MALE"] }, LONGEST_MS)).banks[bank]?.status;
    await expect.poll(status, { timeout: 60_000 }).toBe("ANSWERED");
    const mended = () => (edge === "omop" ? way.set(null) : undefined);
    const ask = async () => {
      if (edge === "omop") await way.set(LOCKED);
      else switchFaults(town.faults[bank]!, { delayMs: SLOW_MS });
      const [answered] = await Promise.all([house.ask({ sex: ["FEMALE"] }, LONGEST_MS), sleep(SLOW_MS).then(mended)]);
      return answered;
    };
    banks.push({ edge, ask });
  }
  const answered = await Promise.all(banks.map(async ({ edge, ask }) => [edge, await ask()] as const));
  return Object.fromEntries(answered);
};

test("an asker who waits 30 seconds has the answers of banks that are slow by 12", { timeout: 200_000 }, async () => {
  for (const [edge, { banks, ms }] of Object.entries(await askSlowBanks(LONGEST_MS))) {
    expect.soft(banks[EDGES[edge]!.bank], edge).toMatchObject({ status: "ANSWERED", problem: null });
    expect.soft(ms, edge).toBeGreaterThan(SLOW_MS - 1000);
  }
});

test("a request that takes longer than timeoutMs of bank.yaml is given up then", { timeout: 200_000 }, async () => {
  for (const [edge, { banks, ms, lateMs }] of Object.entries(await askSlowBanks(2000))) {
    expect.soft(banks[EDGES[edge]!.bank], edge).toMatchObject({ status: "TIMED_OUT" });
    expect.soft(ms, edge).toBeGreaterThan(1900);
    expect.soft(ms, edge).toBeLessThan(2 * 2000 - 100 + lateMs);
  }
});
