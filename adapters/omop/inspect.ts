import { BankError } from "../../schema/bank-error.ts";
import type { FieldName } from "../../schema/fields.ts";
import { text } from "../../schema/text.ts";
import type { AdapterContext, AdapterFinding, FieldCoverage, Inspection, MappedCodes, Tally } from "../adapter.ts";
import { type CdmTable, catalogSql, readCatalog } from "./catalog.ts";
import type { CodeColumn } from "./columns.ts";
import { connections } from "./connections.ts";
import { dictionarySql, readDictionaries, withDictionaries } from "./dictionary.ts";
import { isNumberColumn, isRecordTable, type OmopFields, omopFields } from "./fields.ts";
import { loginOf } from "./login.ts";
import type { OmopOptions } from "./options.ts";
import type { Rows } from "./session.ts";
import { binder, type Statement } from "./statement.ts";
import { closure, valuesOf } from "./tests.ts";

/** Most unmapped values that are told of one field. */
const MOST_TOLD = 10;

/**
 * Looks into the CDM for the operator: how much of each field of codes the mapping understands, and rows of persons that there
 * are not. A table that cannot be read is a finding. @throws {BankError} when the database cannot be had
 */
export const inspect = async (
  options: OmopOptions,
  mapping: MappedCodes,
  context: AdapterContext,
  signal: AbortSignal,
): Promise<Inspection> => {
  const { bank } = context;
  const { timeoutMs, atOnce, cancel } = options;
  const database = connections({ bank, login: await loginOf(options, context), timeoutMs, atOnce, cancel });
  const findings: AdapterFinding[] = [];
  const ask = async (statement: Statement, of: Pick<AdapterFinding, "field" | "wanted">): Promise<Rows> => {
    try {
      const [rows = []] = await database.read([statement], signal);
      return rows;
    } catch (error) {
      if (!(error instanceof BankError) || error.code !== "BANK_BROKEN") throw error;
      findings.push({ ...unreadable(error.detail), ...of });
      return [];
    }
  };
  try {
    const [found = []] = await database.read([catalogSql(options)], signal);
    const stated = omopFields(options, mapping, readCatalog(bank, options, found));
    const dictionaries = dictionarySql(stated, mapping, options.patterns);
    const texts = dictionaries === null ? [] : await ask(dictionaries, { wanted: "texts of codes" });
    const fields = withDictionaries(stated, readDictionaries(texts), mapping, options.patterns);
    const coverage: FieldCoverage[] = [];
    for (const [field, place] of placesIn(fields)) {
      if (mapping[field] === undefined) continue;
      const rows = await ask(coverageSql(place, mapping[field].codes), { field, wanted: `codes of ${field}` });
      if (rows.length > 0) coverage.push({ field, ...readCoverage(rows) });
    }
    for (const table of tablesIn(fields)) {
      findings.push(...orphansIn(table, await ask(orphanSql(table, fields), { wanted: `a table ${table}` })));
    }
    return { findings, coverage };
  } finally {
    await database[Symbol.asyncDispose]();
  }
};

const unreadable = (detail: string): AdapterFinding => ({
  id: "source.broken",
  level: "ERROR",
  says: text("A table of the CDM cannot be read.", "CDM の表を読めません。"),
  got: detail,
});

/** Rows that hold a code, and the person that each belongs to. */
type Place = { readonly from: string; readonly person: string; readonly where: string; readonly code: CodeColumn };

const placesIn = ({ donor, sample, table }: OmopFields): readonly (readonly [FieldName, PlaceOf])[] => [
  ...[...donor].map(([field, place]): readonly [FieldName, PlaceOf] => [
    field,
    isRecordTable(place)
      ? (bind) => ({ from: place.from, person: "r.person_id", where: place.where(bind), code: place.code })
      : () => ({ from: `${table("person")} p`, person: "p.person_id", where: "TRUE", code: place }),
  ]),
  ...[...sample].flatMap(([field, code]): readonly (readonly [FieldName, PlaceOf])[] =>
    isNumberColumn(code)
      ? []
      : [[field, () => ({ from: `${table("specimen")} s`, person: "s.person_id", where: "TRUE", code })]],
  ),
];

type PlaceOf = (bind: ReturnType<typeof binder>["bind"]) => Place;

/** Rows (class, value, rows, persons): the classes without a value, and the most frequent unmapped values. */
const coverageSql = (placeOf: PlaceOf, codes: readonly string[]): Statement => {
  const { bind, statement } = binder();
  const { from, person, where, code } = placeOf(bind);
  const listed = (texts: readonly string[]) => bind(valuesOf(code, texts), `${code.type}[]`);
  const mapped = code.below === undefined ? `SELECT unnest(${listed(codes)})` : closure(code, codes, bind);
  return statement(
    `WITH cells AS (SELECT ${code.whole(bind)} AS v, ${person} AS person FROM ${from} WHERE ${where}),
     known AS MATERIALIZED (${mapped}),
     classed AS (SELECT v, person, CASE WHEN v = ANY(${listed(code.none)}) THEN 'absent'
       WHEN v IN (SELECT * FROM known) THEN 'mapped' ELSE 'unmapped' END AS class FROM cells)
     SELECT class, NULL, count(*), count(DISTINCT person) FROM classed GROUP BY class
     UNION ALL (SELECT 'value', v::text, count(*), count(DISTINCT person) FROM classed WHERE class = 'unmapped'
       GROUP BY v ORDER BY count(*) DESC, v LIMIT ${MOST_TOLD})`,
  );
};

const readCoverage = (rows: Rows): Omit<FieldCoverage, "field"> => {
  const tally = ([, , n, persons]: readonly unknown[]): Tally => ({ rows: Number(n), donors: Number(persons) });
  const of = (name: string): Tally => {
    const row = rows.find(([found]) => found === name);
    return row === undefined ? { rows: 0, donors: 0 } : tally(row);
  };
  return {
    mapped: of("mapped"),
    unmapped: of("unmapped"),
    absent: of("absent"),
    values: rows.filter(([name]) => name === "value").map((row) => ({ value: String(row[1]), ...tally(row) })),
  };
};

/** Tables whose rows belong to persons, as far as the fields use them. */
const tablesIn = ({ donor }: OmopFields): readonly CdmTable[] => [
  ...new Set([...donor.values()].filter(isRecordTable).map(({ table }) => table)),
  "specimen",
];

const orphanSql = (name: CdmTable, { table }: OmopFields): Statement => ({
  sql: `SELECT count(*), min(person_id) FROM ${table(name)} r
    WHERE NOT EXISTS (SELECT FROM ${table("person")} p WHERE p.person_id = r.person_id)`,
  values: [],
});

const orphansIn = (name: string, found: Rows): readonly AdapterFinding[] => {
  const [rows, person] = found[0] ?? [];
  if (Number(rows ?? 0) === 0) return [];
  return [
    {
      id: "data.orphans",
      level: "WARNING",
      says: text("Rows belong to no person; they count for nobody.", "person にない提供者の行は数えません。"),
      wanted: `person_id of ${name} in person`,
      got: `${rows} rows of others, such as person_id ${person}`,
    },
  ];
};
