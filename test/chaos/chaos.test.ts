import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { BROKEN_REASONS } from "../../schema/broken-reasons.ts";
import { inProcess } from "../gateway/in-process.ts";
import { LANE, LANES } from "../lanes.ts";
import { EDGES, stopPostgres, TRUSTED } from "./edges.ts";
import { type Fault, ROWS } from "./faults.ts";
import { type Answered, openHouse, openTown, type Shown, TIMEOUT_MS, type Town } from "./house.ts";

/**
 * One bank of three goes wrong in one way; each pair of a fault and an edge is a cell, or has a reason why it is none. One
 * cell of each fault runs with `npm test`, all of them with `npm run test:long`, and the table is printed.
 */
const ALL = LANE === LANES.long;

const DEADLINE_MS = 500;
/** Most bytes that a cell may leak, measured over the second half of them: vitest itself keeps some for each. */
const MOST_LEFT = 2 ** 18;
/** Deadline of what is asked before the fault. */
const PATIENT_MS = 30_000;
/** A bank that was mended is ANSWERED after one probe of its guard, what an answer that has begun may take, and one question. */
const RECOVERY_MS = 500 + 2 * TIMEOUT_MS + DEADLINE_MS + 500;

const KNOWN = { sex: ["FEMALE"] };
const NEW = { sample: { type: ["DNA"] } };
const LAST = { not: { sex: ["FEMALE"] } };

/**
 * Length of a lease in ms. Where it is shorter than the time between two questions, a fault strikes the lease call; where it
 * outlives the test, the fault strikes the count.
 */
const LEASES = { "a new lease": 1, "a lease that holds": 600_000 } as const;

type Cell = {
  readonly row: string;
  readonly edge: string;
  readonly lease: keyof typeof LEASES;
  readonly fault: Fault;
};
const cells: readonly Cell[] = ROWS.flatMap((row, index) =>
  Object.keys(EDGES).flatMap((edge) => {
    const entry = row[edge === "omop" || edge === "tabular" ? edge : "http"];
    const fault = (edge === "remote" || edge === "sqon" ? row[edge] : undefined) ?? entry;
    if (typeof fault === "string" || (!ALL && row.always !== edge)) return [];
    // What strikes before there is any lease does so once; one run of the tests takes the two in turn.
    const lease = index % 2 === 1 ? "a lease that holds" : "a new lease";
    const leases = fault.fromStart || !ALL ? ([lease] as const) : (["a new lease", "a lease that holds"] as const);
    return leases.map((each) => ({ row: row.name, edge, lease: each, fault }));
  }),
);

let town: Town;
let undisturbed: ReadonlyMap<object, Answered["banks"]>;
/** Looking takes long: after so many cells each, in bytes. */
const HEAP_EVERY = 16;
const heaps: number[] = [];
let done = 0;
const table: string[][] = [["fault", "edge", "lease", "new question", "known", "ms", "late", "mended ms", "closed ms"]];

/** Names of banks, and what they count where nothing goes wrong. */
const truthOf = (where: object, bank: string): Pick<Shown, "donors" | "samples"> => {
  const { donors, samples } = undisturbed.get(where)![bank]!;
  return { donors, samples };
};

beforeAll(async () => {
  town = await openTown(TRUSTED);
  const edges = new Set(cells.map(({ edge }) => edge));
  const ways = await Promise.all(
    [...edges].filter((edge) => edge === "omop" || edge === "tabular").map((edge) => EDGES[edge]!.way(town)),
  );
  const plain = await Promise.all(["tmm", "cancer", "rare"].map(async (id) => inProcess(await town.bank(id))));
  const house = await openHouse([...plain, ...ways.map(({ link }) => link)]);
  const answers = new Map<object, Answered["banks"]>();
  for (const where of [KNOWN, NEW, LAST]) answers.set(where, (await house.ask(where, PATIENT_MS)).banks);
  undisturbed = answers;
  await house[Symbol.asyncDispose]();
  for (const way of ways) await way[Symbol.asyncDispose]();
});
afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  await stopPostgres();
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  const lines = table.map((line) => line.map((text, column) => text.padEnd(widths[column]!)).join("  "));
  const skipped = ROWS.flatMap(({ name, http, remote = http, sqon = http, omop, tabular }) =>
    Object.entries({ "beacon, fhir": http, sqon, remote, omop, tabular })
      .filter(([, why]) => typeof why === "string")
      .map(([edge, why]) => `${name} / ${edge}: ${String(why)}`),
  );
  console.info([...lines, ...(ALL ? ["", "No cells:", ...skipped] : [])].join("\n"));
});

test.each(cells)("$row at $edge, $lease", async ({ row, edge, lease, fault }) => {
  const { bank, others, bound, leaseComesBy, way: open } = EDGES[edge]!;
  const deadlineMs = fault.deadlineMs ?? DEADLINE_MS;
  const before = resources();
  const secure = fault.http?.kind === "certificate";
  const way = disposedOnce(await open(town, { leaseMs: LEASES[lease] }, secure));
  if (fault.fromStart) await way.set(fault);
  const links = await Promise.all(others.map(async (id) => inProcess(await town.bank(id))));
  const house = disposedOnce(await openHouse([way.link, ...links]));

  for (const id of others) expect((await house.ask(LAST, PATIENT_MS)).banks[id]).toMatchObject(truthOf(LAST, id));
  if (!fault.fromStart) {
    expect((await house.ask(KNOWN, PATIENT_MS)).banks[bank]).toMatchObject({
      status: "ANSWERED",
      ...truthOf(KNOWN, bank),
    });
    await way.set(fault);
  }

  const fresh = await house.ask(NEW, deadlineMs);
  isInTime(fresh, deadlineMs, fault.graceMs);
  for (const id of others)
    expect(fresh.banks[id]).toMatchObject({ status: "ANSWERED", problem: null, ...truthOf(NEW, id) });
  isAsFaulty(fresh.banks[bank]!, fault, bank, bound);

  const known = await house.ask(KNOWN, deadlineMs);
  isInTime(known, deadlineMs);
  if (!fault.fromStart) {
    const states = fault.sparesLease || !leaseComesBy || lease !== "a new lease" ? ["ANSWERED"] : ["STALE"];
    if (fault.statuses.includes("ANSWERED")) states.push("ANSWERED");
    expect(known.banks[bank]).toMatchObject({ status: expect.toBeOneOf(states), ...truthOf(KNOWN, bank) });
  }

  await way.set(null);
  const mended = await untilAnswered(() => house.ask(NEW, DEADLINE_MS), bank);
  expect(mended.last.banks[bank]).toMatchObject(truthOf(NEW, bank));
  expect(mended.ms).toBeLessThan((fault.mendedMs ?? 0) + RECOVERY_MS + mended.lateMs);

  // It goes wrong again, and is left alone while it is asked.
  await way.set(fault);
  const running = house.ask(LAST, deadlineMs).catch(() => undefined);
  const closing = performance.now();
  await house[Symbol.asyncDispose]();
  const closed = performance.now() - closing;
  await running;
  await way[Symbol.asyncDispose]();
  expect(way.open()).toBe(0);
  await nothingIsLeft(before);

  const columns = [fresh.ms, fresh.lateMs, mended.ms, closed].map((ms) => ms.toFixed(0));
  table.push([row, edge, lease, fresh.banks[bank]!.status, known.banks[bank]!.status, ...columns]);
});

const memory = async (): Promise<void> => {
  // Calls that nobody waits for end after ten seconds.
  await sleep(11_000);
  const [half = 0, end] = [heaps[heaps.length >> 1], heap()];
  const trail = [0, 0.25, 0.5, 0.75].map((part) => heaps[Math.floor(part * heaps.length)] ?? 0);
  console.info(`heap along the cells, MB: ${[...trail, end].map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(", ")}`);
  expect((end - half) / ((heaps.length / 2) * HEAP_EVERY)).toBeLessThan(MOST_LEFT);
};
// So many cells that it can be told are only in a whole run.
if (ALL) test("memory: what the cells leave behind does not grow with them", memory);

/** The deadline and 10 % or 100 ms, and as long as the loop of this process, in which all of this runs, stood still. */
const isInTime = (
  { ms, lateMs }: Answered,
  deadlineMs: number,
  graceMs: number = Math.max(100, deadlineMs / 10),
): void => expect(ms).toBeLessThan(deadlineMs + graceMs + lateMs);

const isAsFaulty = (
  shown: Shown,
  fault: Fault,
  bank: string,
  bound: { readonly donors: number; readonly samples: number },
): void => {
  expect(shown.status).toBeOneOf([...fault.statuses]);
  if (shown.status === "ANSWERED") {
    expect(shown).toMatchObject({ problem: null, ...truthOf(NEW, bank) });
    return;
  }
  expect(shown).toMatchObject({
    donors: { min: 0, max: bound.donors, because: ["BANK_SILENT"] },
    samples: { min: 0, max: bound.samples, because: ["BANK_SILENT"] },
  });
  if (fault.reasons !== undefined) {
    expect(shown.problem?.message).toBeOneOf(fault.reasons.map((reason) => BROKEN_REASONS[reason]));
  }
  if (fault.retryAfterMs !== undefined) expect(shown.problem?.retryAfterMs).toBe(fault.retryAfterMs);
};

/** It is disposed when the test fails, too. */
const disposedOnce = <T extends AsyncDisposable>(what: T): T => {
  let over: Promise<void> | undefined;
  const dispose = async (): Promise<void> => {
    over ??= Promise.resolve(what[Symbol.asyncDispose]());
    await over;
  };
  onTestFinished(dispose);
  return { ...what, [Symbol.asyncDispose]: dispose };
};

const untilAnswered = async (ask: () => Promise<Answered>, bank: string) => {
  const since = performance.now();
  let lateMs = 0;
  for (;;) {
    const last = await ask();
    lateMs = Math.max(lateMs, last.lateMs);
    const ms = performance.now() - since;
    if (last.banks[bank]?.status === "ANSWERED") return { last, ms, lateMs };
    if (ms > 20_000) throw new Error(`wanted ${bank} ANSWERED, got ${JSON.stringify(last.banks[bank])}`);
    // Not all the time: the bank is asked by its guard.
    await sleep(20);
  }
};

/** What keeps this process alive: sockets, servers, timers, requests to the file system. */
const resources = (): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
};

/** What was closed is gone after some turns of the loop. */
const nothingIsLeft = async (before: ReadonlyMap<string, number>): Promise<void> => {
  const since = performance.now();
  for (;;) {
    const left = [...resources()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
    if (left.length === 0) break;
    if (performance.now() - since > 5000) throw new Error(`wanted nothing left, got ${JSON.stringify(left)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  done += 1;
  if (ALL && done % HEAP_EVERY === 0) heaps.push(heap());
};

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
const heap = (): number => {
  gc();
  return process.memoryUsage().heapUsed;
};
