import { resolve } from "node:path";
import { unlessAborted, withManyListeners } from "../net/signals.ts";
import { BankError } from "../schema/bank-error.ts";
import { type FieldName, isNumberField } from "../schema/fields.ts";
import type { AdapterKind, MappedCodes } from "./adapter.ts";
import { exactCapabilities } from "./kit/exact-counts.ts";
import { adapterClosed, caught, releaseGone } from "./kit/failures.ts";
import type { Capabilities, Counts, FieldCapability, LocalCounts, LocalQuestion, Release } from "./local.ts";
import { loadRelease, type TabularData } from "./tabular/data.ts";
import { inspect } from "./tabular/inspect.ts";
import { fieldsOf } from "./tabular/load.ts";
import { type TabularOptions, tabularOptions } from "./tabular/options.ts";
import { lookOf, releaseWatch } from "./tabular/release.ts";
import { codeOf } from "./tabular/rows.ts";
import { isSpan } from "./tabular/span.ts";
import { filesOf } from "./tabular/tables.ts";

/**
 * Parquet, CSV and TSV exports, counted by DuckDB in this process. Every count is exact.
 *
 * A release is loaded into memory and answers from there, whatever happens to the files. A question for the release that
 * the folder holds by then loads that one and drops the older release.
 */
export const tabular: AdapterKind<TabularOptions> = {
  options: tabularOptions,

  named: (options) => ({
    fields: fieldsOf(options),
    readsAnySpelling: true,
    codes: Object.entries(options.samples.tubes ?? {}).map(([column, code]) => ({
      field: "SAMPLE_TYPE",
      code,
      path: ["samples", "tubes", column],
    })),
  }),

  inspect,

  stamp: (options, { folder }) => lookOf(resolve(folder, options.folder), filesOf(options)),

  async open(options, mapping, context, signal) {
    const { bank } = context;
    const folder = resolve(context.folder, options.folder);
    const closing = new AbortController();
    const watch = releaseWatch(bank, folder, filesOf(options));
    const loadedFrom = { ...context, watch };
    let loaded = await loadRelease(options, mapping, loadedFrom, signal);
    let loading: Promise<TabularData> | undefined;
    let retired: Promise<unknown> = Promise.resolve();
    let closed: Promise<void> | undefined;

    /** release.json may be missing while it is replaced: an announced release is only followed by an announced one. */
    const current = async (): Promise<Release> => {
      const { release } = await watch(closing.signal, loaded.release.kind === "ANNOUNCED");
      return release;
    };

    const reload = async (): Promise<TabularData> => {
      try {
        const fresh = await loadRelease(options, mapping, loadedFrom, closing.signal);
        retired = Promise.all([retired, loaded[Symbol.asyncDispose]()]);
        loaded = fresh;
        return fresh;
      } finally {
        loading = undefined;
      }
    };

    /** The data of the release `id`, or undefined if neither memory nor the folder has it. */
    const dataOf = async (id: string): Promise<TabularData | undefined> => {
      closing.signal.throwIfAborted();
      if (loaded.release.id === id) return loaded;
      if ((await current()).id !== id) return undefined;
      loading ??= reload();
      const fresh = await loading;
      return fresh.release.id === id ? fresh : undefined;
    };

    return {
      opened: loaded.release,
      capabilities: capabilitiesOf(options, mapping, loaded),

      release: (asked) => unlessAborted(current(), asked),

      async count(questions, asOf, asked) {
        asked.throwIfAborted();
        if (questions.length === 0) return [];
        const data = await caught(() => unlessAborted(dataOf(asOf.id), asked));
        if (data instanceof BankError) return questions.map(() => data);
        // Nothing is awaited between this look at `loaded` and the questions' places in its queue.
        if (data !== loaded) {
          const gone = releaseGone(bank, asOf.id, `${loaded.release.id} or a newer one`);
          return questions.map(() => gone);
        }
        const outcomes = eachOnce(data, questions, withManyListeners(asked));
        await Promise.allSettled(outcomes);
        asked.throwIfAborted();
        return Promise.all(outcomes);
      },

      [Symbol.asyncDispose]() {
        closed ??= (async () => {
          closing.abort(adapterClosed(bank));
          await loading?.catch(() => undefined);
          await Promise.all([retired, loaded[Symbol.asyncDispose]()]);
        })();
        return closed;
      },
    };
  },
};

/** Counts each question. Those that differ in their facets alone have the same totals, which are counted once. */
const eachOnce = (
  data: TabularData,
  questions: readonly LocalQuestion[],
  signal: AbortSignal,
): readonly Promise<LocalCounts | BankError>[] => {
  const totals = new Map<string, Promise<Counts | BankError>>();
  const totalsOf = (question: LocalQuestion): Promise<Counts | BankError> => {
    const rows = JSON.stringify([question.donors, question.samples]);
    const counted = totals.get(rows) ?? data.totals(question, signal);
    totals.set(rows, counted);
    return counted;
  };
  return questions.map(async (question) => {
    const { by } = question;
    const [counts, cells] = await Promise.all([
      totalsOf(question),
      by === undefined ? undefined : data.cells(question, by, signal),
    ]);
    if (counts instanceof BankError || cells === undefined) return counts;
    return cells instanceof BankError ? cells : { ...counts, cells };
  });
};

/** Of a whole code system the bank records a part: only the codes that the data hold are worth asking for. */
const capabilitiesOf = (
  options: TabularOptions,
  mapping: MappedCodes,
  { recorded, doubtful }: Pick<TabularData, "recorded" | "doubtful">,
): Capabilities => {
  const codesOf = (field: FieldName): ReadonlySet<string> | undefined => {
    const section = mapping[field];
    if (section?.tree === undefined) return undefined;
    const mapped = new Set(section.codes);
    return new Set((recorded.get(field) ?? []).map((value) => codeOf(value).code).filter((code) => mapped.has(code)));
  };
  const doubtOf = (field: FieldName): FieldCapability["doubt"] => {
    const values = recorded.get(field) ?? [];
    if (isNumberField(field)) return values.some(isSpan) ? ["PRECISION"] : undefined;
    return values.some((value) => codeOf(value).isInDoubt) ? ["NOT_UNDERSTOOD"] : undefined;
  };
  return {
    ...exactCapabilities(fieldsOf(options), { codesOf, doubtOf }),
    ...(doubtful.donors ? { doubtfulDonors: true } : {}),
    ...(doubtful.samples ? { doubtfulSamples: true } : {}),
  };
};
