import type { LoadContext } from "./columns.ts";

/** The SQL of an id from the text of its cell: without blanks around, and of `digits` digits where it is a whole number. */
export const idOf = (text: string, digits: number | undefined): string => {
  const id = `CASE WHEN regexp_matches(${text}, '^[!-~]*$') THEN ${text} ELSE trim(${text}, ' \t\r\n\u3000') END`;
  if (digits === undefined) return id;
  const number = `regexp_extract(${id}, '^(\\d+)(\\.0+)?$', 1)`;
  return `CASE WHEN length(${number}) BETWEEN 1 AND ${digits - 1} THEN lpad(${number}, ${digits}, '0')
    WHEN ${number} <> '' THEN ${number} ELSE ${id} END`;
};

/**
 * Makes the rows of a staged table that share a key one row; texts that are empty in some of them are taken from the others.
 * @param columns those that must have one text for each key; `most`: those of which the greatest number counts
 * @throws {BankError} BANK_BROKEN where a key has several texts of a column
 */
export const oneForEach = async (
  { run, fail }: Pick<LoadContext, "run" | "fail">,
  table: {
    readonly name: string;
    readonly key: string;
    readonly columns: readonly string[];
    readonly most: readonly string[];
  },
  file: string,
): Promise<void> => {
  const { name, key, columns, most } = table;
  const several = columns.map((column) => `bool_or(${column}_several)`);
  const one = columns.map((column) => `max(${column}) AS ${column}`);
  const flags = columns.map((column) => `count(DISTINCT nullif(trim(${column}), '')) > 1 AS ${column}_several`);
  const greatest = most.map((column) => `max(${column}) AS ${column}`);
  await run(
    `CREATE TABLE stage_once AS SELECT ${[key, ...one, ...flags, ...greatest].join(", ")} FROM ${name} GROUP BY ${key}`,
  );
  const [row = []] = several.length === 0 ? [] : await run(`SELECT ${several.join(", ")} FROM stage_once`);
  const wrong = columns.find((_, index) => row[index]);
  if (wrong !== undefined) fail(`${file}: wanted one ${wrong} for each id, got several for some`);
  await run(`DROP TABLE ${name}`);
  await run(`CREATE TABLE ${name} AS SELECT ${[key, ...columns, ...most].join(", ")} FROM stage_once`);
  await run("DROP TABLE stage_once");
};
