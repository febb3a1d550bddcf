import { text } from "../../schema/text.ts";
import type { AdapterFinding } from "../adapter.ts";
import { binder } from "./columns.ts";
import type { RunSql } from "./engine.ts";
import { idOf } from "./ids.ts";
import { linesOf, MOST_TOLD, numbered } from "./inspected-cells.ts";
import type { TabularOptions } from "./options.ts";
import { DROPPED, standing } from "./rows.ts";
import type { Source } from "./source.ts";

/** Makes the table `ids`, the donors. Tells of rows without an id, of ids that stand there twice, and of ids unlike the others. */
export const idFindings = async (
  { donors }: TabularOptions,
  source: Source,
  run: RunSql,
): Promise<readonly AdapterFinding[]> => {
  const { bind, values } = binder();
  const id = idOf(source.column(donors.id, "donors.id"), donors.idDigits);
  const status = await standing(source, donors, "donors", { run, bind });
  await run(
    `CREATE TABLE ids AS SELECT ${id} AS id, row FROM ${numbered(source)} WHERE ${status} > ${DROPPED}`,
    values,
  );
  return [...(await idFaults(donors, source, run)), ...(await unlikeIds(donors, source, run))];
};

const idFaults = async (
  donors: TabularOptions["donors"],
  source: Source,
  run: RunSql,
): Promise<readonly AdapterFinding[]> => {
  const rows = await run(
    `SELECT id, count(*), max(row) FROM ids GROUP BY id HAVING id = '' OR ${donors.repeated ? "FALSE" : "count(*) > 1"} ORDER BY max(row) LIMIT ${MOST_TOLD}`,
  );
  const lines = await linesOf(
    source,
    rows.map(([, , row]) => row),
  );
  return rows.map(([value, times, row]) => ({
    id: "data.ids",
    level: "ERROR",
    ...placed(source.file, lines.get(Number(row)), donors.id),
    says: text("A donor's id is missing or not unique.", "提供者の ID が空か、重複しています。"),
    wanted: "an id in each row, each only once",
    got: value === "" ? `${times} rows without` : `${JSON.stringify(value)} in ${times} rows`,
    remedy: value === "" ? LEAVE_OUT : ONCE_EACH,
  }));
};

const LEAVE_OUT = text(
  "Leave them out: rows without any text by donors.skip, others by donors.except.",
  "空行は donors.skip、それ以外は donors.except で除いてください。",
);
const ONCE_EACH = text(
  "Leave the others out, or set donors.repeated where a donor stands in several rows.",
  "重複行を除くか、同じ提供者が複数行にある場合は donors.repeated を指定してください。",
);

/** Share of the ids that have one shape, from which another shape is unusual, and most rows of an unusual one. */
const [MOST_SHARE, FEW_ROWS] = [0.9, 3];

/** Rows whose id has another shape than nearly all: a footer, a heading in the middle, a note. */
const unlikeIds = async (
  donors: TabularOptions["donors"],
  source: Source,
  run: RunSql,
): Promise<readonly AdapterFinding[]> => {
  const rows = await run(
    `WITH shapes AS (SELECT id, row, regexp_replace(regexp_replace(id, '[0-9]+', '9', 'g'), '[A-Za-z]+', 'A', 'g') AS shape FROM ids),
       sizes AS (SELECT shape, count(*) AS n FROM shapes GROUP BY shape)
     SELECT id, row FROM shapes JOIN sizes USING (shape)
     WHERE id <> '' AND n <= ${FEW_ROWS} AND (SELECT max(n) >= ${MOST_SHARE} * sum(n) FROM sizes WHERE shape <> '') AND n < (SELECT max(n) FROM sizes)
     ORDER BY row LIMIT ${MOST_TOLD}`,
  );
  const lines = await linesOf(
    source,
    rows.map(([, row]) => row),
  );
  return rows.map(([value, row]) => ({
    id: "data.unlike",
    level: "WARNING",
    ...placed(source.file, lines.get(Number(row)), donors.id),
    says: text("A row does not look like the others.", "他の行と形式の異なる行があります。"),
    wanted: "an id like the others",
    got: JSON.stringify(String(value).slice(0, 60)),
    remedy: text(
      "If it is no donor, leave it out by donors.except.",
      "提供者でない場合は donors.except で除いてください。",
    ),
  }));
};

/** The place of a finding. */
export const placed = (file: string, line: number | undefined, column: string) => ({
  file,
  column,
  ...(line === undefined ? {} : { line }),
});
