import { createAnswers } from "../../cache/answers.ts";
import { createReader, EDITION_GONE, type Fetch, type Reader } from "../../cache/reader.ts";
import { sealWith } from "../../cache/seal.ts";
import type { Edition } from "../../schema/release.ts";
import type { Bank } from "./bank.ts";
import type { ReadEvent, SilenceEvent } from "./history.ts";
import type { Machine, Process } from "./machine.ts";
import type { Network } from "./network.ts";
import type { SharedStore } from "./shared-store.ts";
import type { Timeline } from "./timeline.ts";

/** One gateway: the readers of all banks over one memory and the shared store. */
const HOLD_MS = 600;

export type Gateway = {
  readonly machine: Machine;
  readonly start: () => void;
  /** Null while no process runs. Otherwise ends by itself, unless the process does. */
  readonly ask: (
    bank: Bank,
    question: string,
    wants: Wants,
    signal: AbortSignal,
  ) => Promise<Told & { readonly edition: Edition | null }> | null;
};

export type Wants = { readonly floor?: Edition | undefined; readonly pin?: Edition | undefined };

export type Told = Pick<
  ReadEvent,
  "gateway" | "began" | "res" | "state" | "name" | "ordinal" | "verified" | "body" | "why"
>;

export const PATIENCE_MS = 150;
const LEASE_TIMEOUT_MS = 250;
const READ_TIMEOUT_MS = 500;
const SEAL_KEY = new Uint8Array(32).fill(7);

/** Adds to `silences`; counts different bytes under one key in `alarms`. */
export const gateway = (
  machine: Machine,
  banks: readonly Bank[],
  store: SharedStore,
  net: Network,
  line: Timeline,
  silences: SilenceEvent[],
  alarms: { conflicts: number },
): Gateway => {
  let lives = 0;
  let readers = new Map<string, Reader<null>>();

  const readerOf = (
    bank: Bank,
    mine: Process,
    name: string,
    answers: ReturnType<typeof createAnswers>,
  ): Reader<null> => {
    const lease = () => net.call(mine, bank.machine, LEASE_TIMEOUT_MS, (there) => bank.lease(there));
    const noted = (error: unknown): never => {
      silences.push({ gateway: name, bank: bank.id, at: line.now() });
      throw error;
    };
    return createReader({ id: bank.id, lease: () => lease().catch(noted) }, answers, mine.clock);
  };

  return {
    machine,
    start() {
      const mine = machine.start();
      lives += 1;
      const name = `${machine.name}#${lives}`;
      const answers = createAnswers({
        // Shorter than in production, as leases are.
        lockMs: HOLD_MS,
        clock: mine.clock,
        maxBytes: 1_000_000,
        shared: store.from(mine),
        seal: sealWith(SEAL_KEY),
        alarm: (what) => {
          if (what === "conflict") alarms.conflicts += 1;
        },
      });
      readers = new Map(banks.map((bank) => [bank.id, readerOf(bank, mine, name, answers)]));
    },
    ask(bank, question, wants, signal) {
      const mine = machine.process();
      if (mine === null) return null;
      const reader = readers.get(bank.id)!;
      const name = `${machine.name}#${lives}`;
      return new Promise((resolve) => {
        mine.at(line.now(), () => {
          const began = line.now();
          const end = (part: Partial<Told>, edition: Edition | null): void =>
            resolve({
              gateway: name,
              began,
              res: line.now(),
              state: "FAILED",
              name: edition?.name ?? null,
              ordinal: edition?.ordinal ?? null,
              verified: null,
              body: null,
              why: null,
              ...part,
              edition,
            });
          const read: Fetch<null> = async ({ edition }, stop) => {
            const ask = (there: Process) => bank.read(there, edition, question);
            const body = await net.call(mine, bank.machine, READ_TIMEOUT_MS, ask, stop);
            return typeof body === "string" ? { value: body, size: 2 * body.length } : EDITION_GONE;
          };
          reader.read({ question, fetch: read, ...wants, leaseTimeoutMs: PATIENCE_MS, signal }).then(
            (part) => {
              const { state, verified } = part;
              const answered = state === "SUPERSEDED" ? {} : { body: String(part.entry.value) };
              end({ state, verified: mine.timeOf(verified.atMono), ...answered }, verified.edition);
            },
            (error: unknown) =>
              end(signal.aborted ? { state: "LEFT" } : { why: error instanceof Error ? error.name : "unknown" }, null),
          );
        });
      });
    },
  };
};
