import type { ChildProcess } from "node:child_process";
import path from "node:path";
import pino from "pino";
import type { Adapter } from "../../adapters/adapter.ts";
import type { BankLink } from "../../gateway/banks/link.ts";
import { openRegistry, type Registry } from "../../gateway/banks/registry.ts";
import { realClock } from "../../net/clock.ts";
import { NEVER } from "../../net/signals.ts";
import { exitOf, startChild, whenReady } from "../../sandbox/child.ts";
import type { Release } from "../../schema/release.ts";
import { openBank, readBank } from "../../subgraphs/serve/open.ts";
import { type Interpreter, interpreterOf } from "../../subgraphs/understand/interpret.ts";
import { answersInMemory } from "../gateway/fake-subgraph.ts";
import { inProcess } from "../gateway/in-process.ts";

/** The kinds of adapter, each with the sandbox's bank that speaks it. */
export const KINDS = { tabular: "bbj", beacon: "tmm", omop: "ncbn", sqon: "cancer", fhir: "rare" } as const;
export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];

/** Where a bank's local API is: a URL, or BBJ's folder. */
export type Places = { readonly [K in Kind]: string };

/** The sandbox's banks, each in a process of its own. */
export type Sandbox = AsyncDisposable & { readonly at: Places };

/**
 * Starts the sandbox's banks; the first time at a size they are built, which takes a while. Their data are kept apart from
 * those of `npm start`.
 */
export const startSandbox = async (size: number): Promise<Sandbox> => {
  const folder = path.resolve(".odan/bench", String(size));
  const children: ChildProcess[] = [];
  const start = async ([kind, bank]: readonly [Kind, string]): Promise<readonly [Kind, string]> => {
    // One server for both sides of the comparison: PGlite in the sandbox's own process, as `npm start` has it.
    const env = { ODAN_DATA: folder, ODAN_SIZE: String(size), PORT: "0", ODAN_POSTGRES_URL: "" };
    const child = startChild(`sandbox/${bank}/main.ts`, env);
    children.push(child);
    const { at, built } = await whenReady(child);
    if (built) console.error(`${bank}: built, for this and later runs`);
    return [kind, at];
  };
  const stop = async (): Promise<void> => {
    for (const child of children) child.kill("SIGTERM");
    await Promise.all(children.map(exitOf));
  };
  try {
    const places = await Promise.all(KIND_NAMES.map((kind) => start([kind, KINDS[kind]])));
    return { at: Object.fromEntries(places) as Places, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const fileOf = (kind: Kind): string => path.join(import.meta.dirname, `../../subgraphs/banks/${KINDS[kind]}/bank.yaml`);

const envOf = (at: Places) => ({
  ODAN_DATA: path.dirname(at.tabular),
  ODAN_TMM_URL: at.beacon,
  ODAN_NCBN_URL: at.omop,
  ODAN_CANCER_URL: at.sqon,
  ODAN_RARE_URL: at.fhir,
});

/** What one bank's questions are planned with and counted by, beside its subgraph. */
export const openAdapter = async (
  at: Places,
  kind: Kind,
): Promise<
  AsyncDisposable & { readonly interpreter: Interpreter; readonly adapter: Adapter; readonly release: Release }
> => {
  const bank = await readBank(fileOf(kind), envOf(at));
  const adapter = await bank.openAdapter(NEVER);
  return {
    adapter,
    interpreter: interpreterOf(bank.mapping, adapter.capabilities),
    release: await adapter.release(NEVER),
    [Symbol.asyncDispose]: () => adapter[Symbol.asyncDispose](),
  };
};

/** The banks' subgraphs in this process, asked as the gateway asks them. */
export const openSubgraphs = async (
  at: Places,
): Promise<{ readonly registry: Registry; readonly execute: (kind: Kind) => BankLink["execute"] }> => {
  const subgraphs = await Promise.all(KIND_NAMES.map((kind) => openBank(fileOf(kind), envOf(at))));
  const log = pino({ level: "silent" });
  const links = subgraphs.map((bank) => inProcess(bank));
  const registry = await openRegistry(links, { answers: answersInMemory(), clock: realClock, log });
  return { registry, execute: (kind) => links.find(({ id }) => id === KINDS[kind])!.execute };
};
