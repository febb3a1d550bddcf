import type { Catalog, CdmTable } from "./catalog.ts";
import { ALIASES, type CodeColumn } from "./columns.ts";
import { isNumberColumn, isRecordTable, type OmopFields, type RecordTable } from "./fields.ts";
import { join } from "./join.ts";
import { type Bind, binder, type Statement } from "./statement.ts";
import { valuesOf } from "./tests.ts";

/** Columns that the counting SQL reads, by table. */
export type UsedColumns = ReadonlyMap<CdmTable, ReadonlySet<string>>;

/** Finds the columns by their aliases in the SQL that the fields write, so that none can be forgotten. */
export const usedColumns = (fields: OmopFields): UsedColumns => {
  const used = new Map<CdmTable, Set<string>>([
    ["person", new Set(["person_id"])],
    ["specimen", new Set(["person_id"])],
  ]);
  const note = (table: CdmTable, column: string): void => {
    used.set(table, (used.get(table) ?? new Set()).add(column));
  };
  const read = (sql: string, record?: CdmTable): void => {
    for (const [, alias = "", column = ""] of sql.matchAll(/\b([psrkc])\.([a-z_]+)/g)) {
      const table = alias === "r" ? record : ALIASES[alias as keyof typeof ALIASES];
      if (table !== undefined) note(table, column);
    }
  };
  const code = ({ raw, whole, below }: CodeColumn, record?: CdmTable): void => {
    read(`${raw(ANY)} ${whole(ANY)}`, record);
    if (below === undefined) return;
    for (const column of ["ancestor_concept_id", "descendant_concept_id"]) note("concept_ancestor", column);
  };
  for (const place of fields.donor.values()) {
    if (!isRecordTable(place)) {
      code(place);
      continue;
    }
    note(place.table, "person_id");
    read(`${place.from} ${place.where(ANY)}`, place.table);
    read(`${place.standing?.sure(ANY)} ${place.standing?.kept(ANY)}`, place.table);
    code(place.code, place.table);
  }
  for (const place of fields.sample.values()) {
    if (isNumberColumn(place)) read(`${place.value(ANY)} ${place.between?.(2000, 2001, ANY)} ${place.inDoubt?.(ANY)}`);
    else code(place);
  }
  return used;
};

const ANY: Bind = () => "NULL";

/**
 * Watches the data that counts depend on. Its row is (at, digest, known). `at`: which transactions the snapshot sees; where it is
 * `seen`, the digest that was read then still holds, and NULL comes in place of another one. `known`: whether that will be true
 * of `at`. The digest sums a hash of every row, so it is another one after any change, also of one value in place.
 *
 * A snapshot says nothing of rows that come from elsewhere, such as a view's or a foreign table's: those are read each time. So are
 * they on a standby that is behind a transaction, where it does not name those that still run.
 */
export const watchSql = (fields: OmopFields, catalog: Catalog, seen: string): Statement => {
  const { bind, statement } = binder();
  const used = usedColumns(fields);
  const digests = [...used].map(([table, columns]) => {
    const row = [...columns].map((column) => `w.${column}`).join(", ");
    const where = watchedRows(fields, table, bind).replace(/\b[rk]\.(?=[a-z_]+)/g, "w.");
    return `(SELECT concat_ws(':', count(*), sum(hash_record_extended(ROW(${row}), 0))) FROM ${catalog.table(table)} w WHERE ${where})`;
  });
  const names = bind([...used.keys()].map(catalog.name), "text[]");
  return statement(`WITH now AS MATERIALIZED (SELECT
      concat_ws(' ', extract(epoch FROM pg_postmaster_start_time()), pg_current_snapshot()) AS at,
      NOT pg_is_in_recovery() OR pg_snapshot_xmin(pg_current_snapshot()) = pg_snapshot_xmax(pg_current_snapshot()) AS known)
    SELECT at, CASE WHEN NOT known OR at <> ${bind(seen, "text")} THEN concat_ws(' ', ${digests.join(",\n      ")}) END,
      known AND NOT EXISTS (SELECT FROM pg_foreign_table) AND (SELECT bool_and(t.relkind IN ('r', 'p', 'm'))
        FROM unnest(${names}) AS n(name) LEFT JOIN pg_class t ON t.oid = to_regclass(n.name))
    FROM now`);
};

/** The rows of a table that any count may look at. */
const watchedRows = ({ donor, sample }: OmopFields, table: CdmTable, bind: Bind): string => {
  const records = [...donor.values()].filter(isRecordTable);
  const codes = [...records.map(({ code }) => code), ...[...donor.values(), ...sample.values()].filter(isCode)];
  switch (table) {
    case "observation":
      return join(
        "any",
        records.flatMap((place) => (place.table === table ? [place.where(bind)] : [])),
      );
    case "concept":
      return join(
        "any",
        records.flatMap(({ concepts }) => (concepts === undefined ? [] : [concepts(bind)])),
      );
    case "concept_ancestor": {
      const mapped = codes.flatMap((code) => valuesOf(code, [...(code.below?.mapped ?? [])]));
      return `w.ancestor_concept_id = ANY(${bind([...new Set(mapped)], "int[]")})`;
    }
    default:
      return "TRUE";
  }
};

const isCode = (place: CodeColumn | RecordTable | object): place is CodeColumn => "whole" in place;
