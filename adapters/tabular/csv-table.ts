import type { Dialect } from "./csv-records.ts";
import { literal, type SourceContext } from "./relation.ts";

/** Longest line in bytes, of which a cell may be a whole report. */
const LONGEST_LINE = 16 * 2 ** 20;

/**
 * Makes a table of a file in UTF-8 whose first line names its columns: those that bank.yaml names, as c0, c1 ... by their places;
 * and `blank`, whether no cell of a row holds anything. Returns the number of its rows.
 */
export const loadTable = async (
  { run, isNamed, wantsBlank }: SourceContext,
  file: {
    readonly table: string;
    readonly path: string;
    readonly dialect: Dialect;
    readonly header: readonly string[];
  },
): Promise<number> => {
  const { table, path, header, dialect } = file;
  const types = header.map((_, at) => `'c${at}': 'VARCHAR'`).join(", ");
  const quote = literal(dialect.quoted ? '"' : "");
  const delim = dialect.delimiter === "\t" ? "\\t" : ",";
  const named = header.flatMap((name, at) => (isNamed(name) ? [`coalesce(c${at}, '') AS c${at}`] : []));
  const blank = header.map((_, at) => `trim(coalesce(c${at}, ''), ' \t\r\n\u3000') = ''`).join(" AND ");
  const columns = [...named, `${wantsBlank ? blank : "FALSE"} AS blank`].join(", ");
  await run(
    `CREATE TABLE ${table} AS SELECT ${columns} FROM read_csv(${literal(path)}, auto_detect = false, header = true,
     columns = {${types}}, delim = E'${delim}', quote = ${quote}, escape = ${quote}, comment = '', skip = 0, nullstr = '',
     strict_mode = true, max_line_size = ${LONGEST_LINE})`,
  );
  return Number((await run(`SELECT count(*) FROM ${table}`))[0]?.[0]);
};
