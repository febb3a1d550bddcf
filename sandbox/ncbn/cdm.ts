import cdm from "./omop-cdm54.json" with { type: "json" };

/** The tables of OMOP CDM 5.4 that NCBN fills. */
export type CdmTable = keyof typeof cdm.tables;

/** Runs one statement; `values` are those of its $1, $2 ... */
export type RunSql = (sql: string, values?: readonly unknown[]) => Promise<unknown>;

/** A row: column -> value. Columns that are not named are NULL. */
export type CdmRow = { readonly [column: string]: string | number | null };

const ROWS_AT_ONCE = 20_000;

/** The statements that make the empty tables in a schema, as the official DDL spells them. */
export const tablesSql = (schema: string): readonly string[] =>
  Object.entries(cdm.tables).map(([table, columns]) => {
    const lines = columns.map(
      ([name, type, required]) => `${name} ${sqlType(String(type))}${required ? " NOT NULL" : ""}`,
    );
    return `CREATE TABLE "${schema}".${table} (${lines.join(", ")})`;
  });

/** Keys and indices: those of the official file that counts use, and the ones a search wants beside them. */
export const indicesSql = (schema: string): readonly string[] => [
  ...KEYS.map(([table, columns]) => `ALTER TABLE "${schema}".${table} ADD PRIMARY KEY (${columns})`),
  ...INDICES.map(([table, columns]) => `CREATE INDEX ON "${schema}".${table} (${columns})`),
];

const KEYS: readonly (readonly [CdmTable, string])[] = [
  ["person", "person_id"],
  ["specimen", "specimen_id"],
  ["condition_occurrence", "condition_occurrence_id"],
  ["observation", "observation_id"],
  ["observation_period", "observation_period_id"],
  ["care_site", "care_site_id"],
  ["concept", "concept_id"],
  ["concept_ancestor", "ancestor_concept_id, descendant_concept_id"],
];
const INDICES: readonly (readonly [CdmTable, string])[] = [
  ["specimen", "person_id"],
  ["specimen", "specimen_concept_id, person_id"],
  ["condition_occurrence", "person_id"],
  ["condition_occurrence", "condition_concept_id, person_id"],
  ["condition_occurrence", "condition_source_value text_pattern_ops, person_id"],
  ["observation", "person_id"],
  ["observation", "observation_concept_id, value_as_concept_id, person_id"],
  ["concept", "vocabulary_id, concept_code"],
  ["concept_ancestor", "descendant_concept_id"],
  ["concept_relationship", "concept_id_1"],
];

/** Fills tables a few thousand rows at a time, each in one statement. `flush` writes the rest. */
export const cdmWriter = (run: RunSql, schema: string) => {
  const waiting = new Map<CdmTable, CdmRow[]>();
  const write = async (table: CdmTable, rows: readonly CdmRow[]): Promise<void> => {
    const columns = cdm.tables[table].filter(([name]) => rows.some((row) => row[String(name)] != null));
    const names = columns.map(([name]) => String(name));
    const arrays = columns.map(([, type], at) => `$${at + 1}::${sqlType(String(type)).replace(/\(\d+\)/, "")}[]`);
    await run(
      `INSERT INTO "${schema}".${table} (${names.join(", ")}) SELECT * FROM unnest(${arrays.join(", ")})`,
      names.map((name) => rows.map((row) => row[name] ?? null)),
    );
  };
  return {
    async add(table: CdmTable, row: CdmRow): Promise<void> {
      const rows = waiting.get(table) ?? [];
      waiting.set(table, rows);
      if (rows.push(row) < ROWS_AT_ONCE) return;
      waiting.delete(table);
      await write(table, rows);
    },
    async flush(): Promise<void> {
      for (const [table, rows] of waiting) await write(table, rows);
      waiting.clear();
    },
  };
};

/** The official file's types in PostgreSQL. */
const sqlType = (type: string): string =>
  ({ datetime: "timestamp", float: "numeric", "varchar(MAX)": "text" })[type] ?? type;
