import { isTurnOver, mapInTurns, nextTurn } from "../net/turns.ts";
import { BankError } from "../schema/bank-error.ts";
import type { FieldName } from "../schema/fields.ts";
import type { AdapterKind } from "./adapter.ts";
import { atAddresses } from "./kit/at-addresses.ts";
import { UNKNOWN } from "./kit/counting-api.ts";
import { emptyCells, exactCapabilities, exactly } from "./kit/exact-counts.ts";
import { bankBroken, caught, caughtNow, releaseGone } from "./kit/failures.ts";
import { unlessUnsupported } from "./kit/unsupported.ts";
import type { Capabilities, Counts, FieldCapability, LocalCounts, LocalQuestion, Range } from "./local.ts";
import { openCdm } from "./omop/cdm.ts";
import { countSql } from "./omop/count-sql.ts";
import { isNumberColumn, type OmopFields } from "./omop/fields.ts";
import { inspect } from "./omop/inspect.ts";
import { onePassOf, onePassSql } from "./omop/one-pass.ts";
import { named, type OmopOptions, omopOptions } from "./omop/options.ts";
import type { Rows } from "./omop/session.ts";
import type { Statement } from "./omop/statement.ts";
import type { Survey } from "./omop/survey.ts";
import { surveyFindings } from "./omop/survey-findings.ts";

/**
 * OMOP CDM 5.4 in PostgreSQL. Every count is exact. A batch is one round trip: the release and one statement for each
 * pair of donors and samples asked for, or for a few that differ in the samples that a donor must have, in one read-only
 * transaction over one snapshot.
 */
export const omop: AdapterKind<OmopOptions> = atAddresses({
  options: omopOptions,
  named,
  inspect,

  async open(options, mapping, context, signal) {
    const { bank } = context;
    const cdm = await openCdm(options, mapping, context, signal);
    const { fields } = cdm;

    return {
      capabilities: capabilitiesOf(fields, cdm.survey),
      opened: cdm.opened,
      findings: () => surveyFindings(cdm.survey),
      release: async (asked) => (await cdm.read([], asked)).release,

      async count(questions, asOf, asked) {
        asked.throwIfAborted();
        if (questions.length === 0) return [];
        const { groups, refused } = await grouped(bank, questions, fields, asked);
        const rows = await caught(async () => {
          const read = await cdm.read(
            groups.map(({ statement }) => statement),
            asked,
          );
          if (read.release.id !== asOf.id) throw releaseGone(bank, asOf.id, read.release.id);
          return read.rows;
        });
        if (rows instanceof BankError) return questions.map(() => rows);
        const outcomes = new Map<LocalQuestion, LocalCounts | BankError>(refused);
        for (const [index, { members }] of groups.entries()) {
          for (const [at, member] of members.entries()) {
            const counts = caughtNow(() => readCounts(bank, member, at, rows[index] ?? []));
            outcomes.set(member, counts);
          }
        }
        return questions.map((question) => outcomes.get(question)!);
      },

      [Symbol.asyncDispose]: () => cdm[Symbol.asyncDispose](),
    };
  },
});

const capabilitiesOf = ({ donor, sample }: OmopFields, survey: Survey): Capabilities => {
  const halves = [...sample].flatMap(([field, place]) => (isNumberColumn(place) && place.halves ? [field] : []));
  const capabilities = exactCapabilities([...donor.keys(), ...sample.keys()], { halves });
  const doubtful = (field: FieldName) =>
    (["doubt", "unmapped", "missing"] as const).some((trait) => survey.get(field)?.has(trait));
  const fields = (Object.entries(capabilities.fields) as [FieldName, FieldCapability][]).map(
    ([field, of]): [FieldName, FieldCapability] => [field, doubtful(field) ? { ...of, doubt: ["NOT_UNDERSTOOD"] } : of],
  );
  return { ...capabilities, fields: Object.fromEntries(fields) };
};

/** So many questions are counted in one pass at most: the more there are, the less an index serves. */
const MOST_TOGETHER = 4;

type Members = readonly [LocalQuestion, ...LocalQuestion[]];

/** Gathers questions that one statement counts, and those apart that cannot be put. A table may take a while to be written. */
const grouped = async (bank: string, questions: readonly LocalQuestion[], fields: OmopFields, signal: AbortSignal) => {
  const refused = new Map<LocalQuestion, BankError>();
  const rowsOf = ({ donors, samples }: LocalQuestion): string => JSON.stringify([donors, samples]);
  const withFacets = new Set(questions.filter(({ by }) => by !== undefined).map(rowsOf));
  const onePassIn = (question: LocalQuestion) => (withFacets.has(rowsOf(question)) ? undefined : onePassOf(question));
  const statementOf = (members: Members): Statement => {
    const parts = members.flatMap((question) => {
      const pass = onePassIn(question);
      return pass === undefined ? [] : [{ ...pass, samples: question.samples }];
    });
    return parts[0] === undefined ? countSql(fields, members) : onePassSql(fields, parts[0].rest, parts);
  };

  const gathered: [LocalQuestion, ...LocalQuestion[]][] = [];
  const open = new Map<string, number>();
  const alone = new Map<LocalQuestion, Statement>();
  for (const question of new Set(questions)) {
    if (isTurnOver()) await nextTurn(signal);
    const statement = unlessUnsupported(bank, () => statementOf([question]));
    if (statement instanceof BankError) {
      refused.set(question, statement);
      continue;
    }
    alone.set(question, statement);
    const rest = onePassIn(question)?.rest;
    const key = rest === undefined ? rowsOf(question) : JSON.stringify(rest);
    const members = gathered[open.get(key) ?? -1];
    if (members !== undefined && (rest === undefined || members.length < MOST_TOGETHER)) members.push(question);
    else open.set(key, gathered.push([question]) - 1);
  }
  const groupOf = (members: Members) => {
    const written = members.length === 1 ? alone.get(members[0]) : undefined;
    return { members, statement: written ?? statementOf(members) };
  };
  return { groups: await mapInTurns(gathered, groupOf, signal), refused };
};

/** The counts of a group's member `at` in the rows of its statement: (member, cell, donors, samples). @throws {BankError} */
const readCounts = (bank: string, { by }: LocalQuestion, at: number, rows: Rows): LocalCounts => {
  const total = rows.find(([of, cell]) => cell === -1 && (of === -1 || of === at));
  const totals = countsIn(bank, total);
  if (by === undefined) return totals;
  const cells = emptyCells(by);
  for (const row of rows.filter(([of]) => of === at)) {
    const cell = Number(row[1]);
    if (!(cell in cells)) throw notCounts(bank);
    cells[cell] = countsIn(bank, row);
  }
  return { ...totals, cells };
};

const notCounts = (bank: string): BankError =>
  bankBroken(bank, "PostgreSQL: wanted rows of counts, got something else");

/** A count that was not wanted is NULL. */
const countsIn = (bank: string, [, , donors, samples]: readonly unknown[] = []): Counts => {
  const range = (count: unknown): Range => {
    if (count === null) return UNKNOWN;
    const number = Number(count);
    if (!Number.isSafeInteger(number) || number < 0) throw notCounts(bank);
    return exactly(number);
  };
  return { donors: range(donors), samples: range(samples) };
};
