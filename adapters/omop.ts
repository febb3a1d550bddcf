import { BankError } from "../schema/bank-error.ts";
import type { AdapterKind } from "./adapter.ts";
import { atAddresses } from "./kit/at-addresses.ts";
import { Unsupported } from "./kit/unsupported.ts";
import type { Capabilities, Counts, FieldCapability, LocalCounts, LocalQuestion, Range } from "./local.ts";
import { connections } from "./omop/connections.ts";
import { countSql } from "./omop/count.ts";
import { type OmopFields, omopFields } from "./omop/fields.ts";
import { heldOf, heldSql } from "./omop/held.ts";
import { loginOf } from "./omop/login.ts";
import { type OmopOptions, omopOptions } from "./omop/options.ts";
import { readRelease, releaseSql } from "./omop/release.ts";
import type { Rows } from "./omop/session.ts";
import type { Statement } from "./omop/statement.ts";

/**
 * OMOP CDM 5.4 in PostgreSQL. Every count is exact. A batch is one round trip: the release and one statement for each
 * pair of donors and samples asked for, or for a few that differ in the samples that a donor must have, in one read-only
 * transaction over one snapshot.
 */
export const omop: AdapterKind<OmopOptions> = atAddresses({
  options: omopOptions,

  async open(options, mapping, context, signal) {
    const { bank } = context;
    const fields = omopFields(options, mapping);
    const { timeoutMs, atOnce, cancel } = options;
    const database = connections({ bank, login: await loginOf(options, context), timeoutMs, atOnce, cancel });
    const askRelease = releaseSql(options, fields);
    const release = async (asked: AbortSignal) => {
      const [rows] = await database.read([askRelease], asked);
      return readRelease(bank, options, rows);
    };
    try {
      await release(signal);
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error;
    }

    return {
      capabilities: capabilitiesOf(fields),
      release,

      async count(questions, asOf, asked) {
        asked.throwIfAborted();
        if (questions.length === 0) return [];
        const { groups, refused } = grouped(bank, questions, fields);
        try {
          const statements = [askRelease, ...groups.map(({ statement }) => statement)];
          const [found, ...counted] = await database.read(statements, asked);
          const now = readRelease(bank, options, found);
          if (now.id !== asOf.id) throw new BankError("BANK_GONE", bank, `wanted release ${asOf.id}, got ${now.id}`);
          const outcomes = new Map<LocalQuestion, LocalCounts | BankError>(refused);
          for (const [index, { members }] of groups.entries()) {
            for (const [at, member] of members.entries()) {
              outcomes.set(member, readCounts(bank, member, at, counted[index] ?? []));
            }
          }
          return questions.map((question) => outcomes.get(question) ?? notCounts(bank));
        } catch (error) {
          if (!(error instanceof BankError)) throw error;
          return questions.map(() => error);
        }
      },

      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  },
});

/** So many questions are counted in one pass at most: the more there are, the less an index serves. */
const MOST_TOGETHER = 4;

type Group = { readonly members: readonly LocalQuestion[]; readonly statement: Statement };
type Groups = { readonly groups: readonly Group[]; readonly refused: ReadonlyMap<LocalQuestion, BankError> };

type Members = readonly [LocalQuestion, ...LocalQuestion[]];

/** Gathers questions that one statement counts, and those apart that cannot be put. */
const grouped = (bank: string, questions: readonly LocalQuestion[], fields: OmopFields): Groups => {
  const refused = new Map<LocalQuestion, BankError>();
  const rowsOf = ({ donors, samples }: LocalQuestion): string => JSON.stringify([donors, samples]);
  const withFacets = new Set(questions.filter(({ by }) => by !== undefined).map(rowsOf));
  const heldIn = (question: LocalQuestion) => (withFacets.has(rowsOf(question)) ? undefined : heldOf(question));
  const statementOf = (members: Members): Statement => {
    const parts = members.flatMap((question) => {
      const held = heldIn(question);
      return held === undefined ? [] : [{ ...held, samples: question.samples }];
    });
    return parts[0] === undefined ? countSql(fields, members) : heldSql(fields, parts[0].rest, parts);
  };

  const gathered: [LocalQuestion, ...LocalQuestion[]][] = [];
  const open = new Map<string, number>();
  for (const question of new Set(questions)) {
    try {
      statementOf([question]);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      refused.set(question, new BankError("BANK_UNSUPPORTED", bank, error.message));
      continue;
    }
    const rest = heldIn(question)?.rest;
    const key = rest === undefined ? rowsOf(question) : JSON.stringify(rest);
    const members = gathered[open.get(key) ?? -1];
    if (members !== undefined && (rest === undefined || members.length < MOST_TOGETHER)) members.push(question);
    else open.set(key, gathered.push([question]) - 1);
  }
  return { groups: gathered.map((members) => ({ members, statement: statementOf(members) })), refused };
};

const readCounts = (bank: string, { by }: LocalQuestion, at: number, rows: Rows): LocalCounts | BankError => {
  const total = rows.find(([of, cell]) => cell === -1 && (of === -1 || of === at));
  const totals = total === undefined ? undefined : countsOf(total);
  if (totals === undefined) return notCounts(bank);
  if (by === undefined) return totals;
  const size = by.reduce((product, { cells }) => product * cells.length, 1);
  const cells: Counts[] = Array.from({ length: size }, () => ({ donors: exactly(0), samples: exactly(0) }));
  for (const row of rows) {
    if (row[0] !== at) continue;
    const counts = countsOf(row);
    const cell = Number(row[1]);
    if (counts === undefined || !(cell in cells)) return notCounts(bank);
    cells[cell] = counts;
  }
  return { ...totals, cells };
};

const notCounts = (bank: string): BankError =>
  new BankError("BANK_BROKEN", bank, "PostgreSQL: wanted rows of counts, got something else");

/** A count that was not wanted is NULL. */
const countsOf = ([, , donors, samples]: readonly unknown[]): Counts | undefined => {
  const ranges = [donors, samples].map((count): Range | undefined => {
    if (count === null) return { min: 0, max: null };
    const number = Number(count);
    return Number.isSafeInteger(number) && number >= 0 ? exactly(number) : undefined;
  });
  const [ofDonors, ofSamples] = ranges;
  return ofDonors === undefined || ofSamples === undefined ? undefined : { donors: ofDonors, samples: ofSamples };
};

const exactly = (count: number): Range => ({ min: count, max: count });

const capabilitiesOf = (fields: OmopFields): Capabilities => {
  const names = [...fields.donor.keys(), ...fields.sample.keys()];
  const capability: FieldCapability = { on: ["DONORS", "SAMPLES"], rest: true, several: true };
  return {
    counts: ["DONORS", "SAMPLES"],
    donors: { logic: "boolean" },
    samples: { logic: "boolean" },
    fields: Object.fromEntries(names.map((name) => [name, capability])),
    facets: names,
  };
};
