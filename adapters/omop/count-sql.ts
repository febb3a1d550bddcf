import { type DonorField, type FieldName, isSampleField } from "../../schema/fields.ts";
import { oncePer } from "../kit/once-per.ts";
import { codeTest } from "../kit/test-kinds.ts";
import { withoutSample } from "../kit/without-sample.ts";
import type { CodeTest, LocalFacet, LocalQuestion } from "../local.ts";
import { cellsOf, missingCells } from "./cells.ts";
import { isNumberColumn, isRecordTable, type OmopFields, type RecordTable, recordTest } from "./fields.ts";
import { join } from "./join.ts";
import { type Bind, binder, type Statement } from "./statement.ts";
import { CERTAIN, standingOf } from "./status.ts";
import { PRESENT, testSql } from "./tests.ts";
import { placeOf, recordRows, type Where, where } from "./where.ts";

/** Which of the two counts are wanted. */
type Wanted = { readonly donors: boolean; readonly samples: boolean };

/**
 * One statement for questions that have the same donors and samples. Its rows are (question, cell, donors, samples): -1, -1
 * for the totals, and for each question with facets the cells that are not empty, numbered row by row as in LocalCounts.
 * @throws {Unsupported}
 */
export const countSql = (fields: OmopFields, questions: readonly [LocalQuestion, ...LocalQuestion[]]): Statement => {
  const { bind, statement } = binder();
  const writer = { fields, bind, write: where(fields, bind) };
  const grouped = questions.flatMap(({ by }, index) => (by === undefined ? [] : [{ index, facets: by }]));
  if (grouped.length > 0) return statement(groupedSql(writer, questions[0], grouped));
  const wanted = {
    donors: questions.some(({ only }) => only !== "SAMPLES"),
    samples: questions.some(({ only }) => only !== "DONORS"),
  };
  return statement(totalsSql(writer, questions[0], wanted));
};

/** What a statement is written with. */
type Writer = { readonly fields: OmopFields; readonly bind: Bind; readonly write: Where };

const totalsSql = ({ fields, write }: Writer, question: LocalQuestion, wanted: Wanted): string => {
  const person = `${fields.table("person")} p`;
  const chosen = write.samples(question.samples);
  const born = write.ofBirth(question.samples);
  const samplesOf = (w: string): string =>
    w === "TRUE" && !born ? fields.specimens : `${fields.table("specimen")} s JOIN ${person} USING (person_id)`;
  const both = wanted.donors && wanted.samples;
  const rest = withoutSample(question);
  if (both && rest !== undefined) {
    // The donors counted are those of the samples counted: one pass gives both.
    const w = write.donors(rest);
    return `SELECT -1, -1, count(DISTINCT s.person_id), count(*) FROM ${samplesOf(w)} WHERE ${join("all", [w, chosen])}`;
  }
  const w = write.donors(question.donors);
  if (both && w !== "TRUE") {
    return `WITH w AS MATERIALIZED (SELECT p.person_id${born ? birthOf(fields) : ""} FROM ${person} WHERE ${w})
      SELECT -1, -1, (SELECT count(*) FROM w),
      (SELECT count(*) FROM ${fields.table("specimen")} s JOIN w AS p USING (person_id) WHERE ${chosen})`;
  }
  const ofDonors = wanted.donors ? `(SELECT count(*) FROM ${person} WHERE ${w})` : "NULL";
  const ofSamples = wanted.samples
    ? `(SELECT count(*) FROM ${samplesOf(w)} WHERE ${join("all", [w, chosen])})`
    : "NULL";
  return `SELECT -1, -1, ${ofDonors}, ${ofSamples}`;
};

/** The columns of birth that the fields use. */
const birthOf = ({ sample }: OmopFields): string =>
  [...sample.values()]
    .flatMap((place) => (isNumberColumn(place) ? place.birth : []))
    .map((column) => `, ${column}`)
    .join("");

/** The facets of the question `index`. */
type Grouped = { readonly index: number; readonly facets: readonly LocalFacet[] };

/** `w` holds the donors counted, `s` the samples counted, each with the keys of its facets; `per` the samples by donor. */
const groupedSql = (writer: Writer, { donors, samples }: LocalQuestion, grouped: readonly Grouped[]): string => {
  const { fields, write } = writer;
  const w = write.donors(donors);
  const keys = { donors: keyColumns(), samples: keyColumns(), carried: keyColumns("d"), everybody: w === "TRUE" };
  const parts = grouped.map((facets) => facetSql(writer, facets, keys));
  const born =
    write.ofBirth(samples) || grouped.some(({ facets }) => facets.some(({ field }) => bornField(fields, field)));
  const person = keys.everybody
    ? `JOIN ${fields.table("person")} p USING (person_id)`
    : "JOIN w AS p USING (person_id)";
  // What a donor is, is told by the donors' own row: it goes along with each sample.
  const carried = keys.carried.listed((key) => (keys.everybody ? key : `p.${keys.donors.named(key)}`));
  const alone = keys.everybody && !born && carried === "";
  const joined = alone ? fields.specimens : `${fields.table("specimen")} s ${person}`;
  const chosen = write.samples(samples);
  // It is joined to donors: samples of nobody need not be left out before.
  const bySamples = grouped.some(({ facets }) => facets.some(({ field }) => isSampleField(field)));
  const total = alone || bySamples ? "(SELECT count(*) FROM s)" : "(SELECT coalesce(sum(n), 0)::bigint FROM per)";
  const ofAnybody = alone ? `${fields.table("specimen")} s WHERE ${chosen}` : "s";
  return `WITH w AS ${keys.everybody ? "NOT MATERIALIZED" : "MATERIALIZED"}
      (SELECT p.person_id${born ? birthOf(fields) : ""}${keys.donors.listed()} FROM ${fields.table("person")} p WHERE ${w}),
    s AS ${bySamples && !keys.everybody ? "MATERIALIZED" : "NOT MATERIALIZED"} (SELECT s.person_id${keys.samples.listed()}${carried} FROM ${joined}
      WHERE ${chosen}),
    per AS (SELECT person_id, count(*) AS n FROM ${ofAnybody} GROUP BY person_id)
    SELECT -1, -1, (SELECT count(*) FROM w), ${total}
    ${parts.map((part) => `UNION ALL ${part}`).join("\n")}`;
};

/** Columns of `w` or `s` that hold keys: equal keys are one column. `sql`: how a key is written there; default: as it is. */
type KeyColumns = {
  readonly named: (key: string) => string;
  readonly listed: (sql?: (key: string) => string) => string;
};

const keyColumns = (prefix = "k"): KeyColumns => {
  const names = new Map<string, string>();
  return {
    named(key) {
      const name = names.get(key) ?? `${prefix}${names.size}`;
      names.set(key, name);
      return name;
    },
    listed: (sql = (key) => key) => [...names].map(([key, name]) => `, ${sql(key)} AS ${name}`).join(""),
  };
};

const bornField = (fields: OmopFields, field: FieldName): boolean => {
  const place = isSampleField(field) ? fields.sample.get(field) : undefined;
  return place !== undefined && isNumberColumn(place) && place.birth.length > 0;
};

/** `carried`: keys of donors that `s` holds. `everybody`: `w` is every donor. */
type Keys = {
  readonly donors: KeyColumns;
  readonly samples: KeyColumns;
  readonly carried: KeyColumns;
  readonly everybody: boolean;
};

/** The counts of one question's cells. */
const facetSql = (writer: Writer, { index, facets }: Grouped, keys: Keys): string => {
  const { fields, bind } = writer;
  const [only] = facets;
  if (facets.length === 1 && only !== undefined && isSampleField(only.field)) {
    const { map, key, single } = cellsOf(placeOf(fields.sample, only.field), only, bind);
    // Counted by key first, an index of the column serves; the other way round everything would be sorted.
    if (single) {
      return `SELECT ${index}, m.c, g.donors, g.samples FROM (SELECT ${keys.samples.named(key)} AS k,
        count(DISTINCT person_id) AS donors, count(*) AS samples FROM s GROUP BY 1) AS g
        JOIN ${map} AS m(v, c) ON m.v = g.k`;
    }
  }
  const bySamples = facets.some(({ field }) => isSampleField(field));
  const joins = facets.map((facet, at) => {
    const m = `m${at}`;
    const { field } = facet;
    if (isSampleField(field)) {
      const { map, key } = cellsOf(placeOf(fields.sample, field), facet, bind);
      return `JOIN ${map} AS ${m}(v, c) ON ${m}.v = s.${keys.samples.named(key)}`;
    }
    const place = placeOf(fields.donor, field);
    if (!bySamples || isRecordTable(place)) {
      return `JOIN (${donorCells(writer, facet, field, keys)}) AS ${m} USING (person_id)`;
    }
    const { map, key } = cellsOf(place, facet, bind);
    if (!keys.everybody) keys.donors.named(key);
    return `JOIN ${map} AS ${m}(v, c) ON ${m}.v = s.${keys.carried.named(key)}`;
  });
  const cell = facets.length === 1 ? "m0.c" : `m0.c * ${facets[1]?.cells.length} + m1.c`;
  if (!bySamples) {
    return `SELECT ${index}, ${cell}, count(*), coalesce(sum(per.n), 0)::bigint
      FROM w ${joins.join(" ")} LEFT JOIN per USING (person_id) GROUP BY 2`;
  }
  // Donors are grouped before they are counted: count(DISTINCT) would sort every sample.
  return `SELECT ${index}, g.c, count(*), sum(g.n)::bigint FROM
    (SELECT ${cell} AS c, s.person_id, count(*) AS n FROM s ${joins.join(" ")} GROUP BY 1, 2) AS g GROUP BY 2`;
};

/** Which donor lies in which cell: person_id, c; each pair once. Of everybody also who is none of `w`, which is joined to it. */
const donorCells = ({ fields, bind }: Writer, facet: LocalFacet, field: DonorField, keys: Keys): string => {
  const place = placeOf(fields.donor, field);
  if (!isRecordTable(place)) {
    const { map, key } = cellsOf(place, facet, bind);
    return `SELECT w.person_id, m.c FROM w JOIN ${map} AS m(v, c) ON m.v = w.${keys.donors.named(key)}`;
  }
  const parts = kindsOf(facet, place).map((kind) =>
    recordCells(bind, { ...kind, field, place, everybody: keys.everybody }),
  );
  return parts.length === 1 ? parts[0]! : parts.map((part) => `(${part})`).join(" UNION ALL ");
};

/**
 * Cells with and without doubt look at other rows; those of one facet are hardly ever of both kinds. The facet is the question's
 * own object, which is the same for the next question: a copy would be worked out anew.
 */
const kindsOf = oncePer((facet: LocalFacet, place: RecordTable) => {
  const inDoubt = new Set(facet.cells.map((cell) => cell.doubt === true));
  const kinds = inDoubt.size === 0 ? [false] : [...inDoubt];
  return kinds.map((doubt) => {
    const cells = facet.cells.map((cell) =>
      (cell.doubt === true) === doubt ? recordTest(place, codeTest(facet.field, cell)) : NOWHERE,
    );
    return { facet: { field: facet.field, cells }, doubt };
  });
});

/** A test that nothing passes. */
const NOWHERE: CodeTest = { codes: [], negate: false, missing: false };

type RecordCells = {
  readonly facet: LocalFacet;
  readonly field: DonorField;
  readonly place: RecordTable;
  readonly doubt: boolean;
  readonly everybody: boolean;
};

/** The donors with records, and those without, by cells of which all may be met in doubt or none. */
const recordCells = (bind: Bind, { facet, field, place, doubt, everybody }: RecordCells): string => {
  const { looked, present } = standingOf(place.standing ?? CERTAIN, doubt);
  const { map, key } = cellsOf(place.code, facet, bind, true);
  const held = `SELECT DISTINCT r.person_id, m.c FROM ${place.from}${everybody ? "" : " JOIN w ON w.person_id = r.person_id"}
    JOIN ${map} AS m(v, c) ON m.v = ${key} WHERE ${join("all", [place.where(bind), looked(bind)])}`;
  const missing = missingCells(facet);
  if (missing.length === 0) return held;
  const any = testSql(place.code, { field, test: PRESENT }, false, bind);
  const rows = recordRows(place, `r.person_id = w.person_id AND ${join("all", [any, present(bind)])}`, bind);
  // Whoever has a record in doubt alone may have none: such a donor may be in a cell for both reasons.
  return `${held} UNION ${doubt ? "" : "ALL"} SELECT w.person_id, m.c FROM w CROSS JOIN unnest(${bind(missing, "int[]")}) AS m(c)
    WHERE NOT EXISTS (SELECT FROM ${rows})`;
};
