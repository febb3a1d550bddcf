import { BankError } from "../../schema/bank-error.ts";
import { caught } from "../kit/failures.ts";
import type { Range, Unit } from "../local.ts";
import { type Filter, filterText } from "./filters.ts";
import type { SqonOptions } from "./options.ts";
import type { CatalogueServer, Count, Totals } from "./request.ts";

/** Counts the documents that pass a filter; undefined where the server cannot evaluate it, or masks the number. @throws {BankError} for any other failure */
export type ProofCount = (unit: Unit, filter: Filter) => Promise<number | undefined>;

type Waiting = Count & { readonly settle: (outcome: Range | BankError) => void };

/**
 * Counts for proofs: filters that are asked for in one turn of the event loop go into as few requests as the server takes.
 * `totals`: the numbers of all documents, which every request states. @throws {BankError} from each of its functions
 */
export const proofCounts = (
  server: CatalogueServer,
  { aliases, spelling }: Pick<SqonOptions, "aliases" | "spelling">,
  signal: AbortSignal,
) => {
  const totals: { [U in Unit]?: number } = {};
  const asked = new Map<string, Promise<Range | BankError>>();
  let waiting: Waiting[] = [];
  const send = async (part: readonly Waiting[]): Promise<void> => {
    const answer = await caught(() => server.count(part, signal));
    if (!(answer instanceof BankError)) Object.assign(totals, answer.totals);
    for (const [at, { settle }] of part.entries()) {
      settle(answer instanceof BankError ? answer : answer.outcomes[at]!);
    }
  };
  const flush = (): void => {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += aliases) {
      send(all.slice(at, at + aliases)).catch((error) => {
        for (const { settle } of all) settle(error);
      });
    }
  };
  const ask = (unit: Unit, filter: string): Promise<Range | BankError> => {
    if (waiting.length === 0) setImmediate(flush);
    return new Promise((settle) => waiting.push({ unit, filter, settle }));
  };
  const count: ProofCount = async (unit, filter) => {
    if (filter === false) return 0;
    const text = filterText(filter, spelling);
    const key = `${unit} ${text}`;
    const known = asked.get(key) ?? ask(unit, text);
    asked.set(key, known);
    const outcome = await known;
    // A number that is masked proves nothing.
    if (!(outcome instanceof BankError)) return outcome.min === outcome.max ? outcome.min : undefined;
    if (outcome.code === "BANK_UNSUPPORTED") return undefined;
    throw outcome;
  };
  return { count, totals: totals as Totals };
};
