import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { bankBroken } from "../kit/failures.ts";
import { loadTable } from "./csv-table.ts";
import { identifier, type Relation, type SourceContext, type TablePlace } from "./relation.ts";
import { XlsxFault } from "./xlsx/fault.ts";
import { cellName } from "./xlsx/rows.ts";
import { readTable, type SheetTable } from "./xlsx/table.ts";
import { openSheet } from "./xlsx/workbook.ts";

/**
 * Loads the columns that are named of a sheet, each cell as it is stored: a number is its decimal digits, and so a day is a number
 * of days. It goes through a CSV of our own. @throws {BankError} BANK_BROKEN
 */
export const xlsxRelation = async (context: SourceContext, place: TablePlace): Promise<Relation> => {
  const { bank, folder, scratch, run, xlsx } = context;
  const { file, headerRow = 1 } = place;
  const table = context.nextTable();
  const copy = join(scratch, `${table}.csv`);
  try {
    const sheet = await openSheet(join(folder, file), place.sheet);
    const named = `${file}, sheet ${JSON.stringify(sheet.name)}`;
    const read = await written(copy, readTable(sheet, { headerRow, ...xlsx })).catch((error: unknown) => {
      throw error instanceof XlsxFault ? bankBroken(bank, `${named}, ${error.message}`) : error;
    });
    const { header, rows, faults, row } = read;
    const found = await loadTable(context, { table, path: copy, dialect: { delimiter: ",", quoted: true }, header });
    if (found !== rows) throw bankBroken(bank, `${named}: wanted ${rows} rows, got ${found}`);
    return {
      label: named,
      from: table,
      names: header.filter((name) => name !== ""),
      textOf(name) {
        const column = header.indexOf(name);
        const fault = faults.get(column);
        if (fault !== undefined) throw bankBroken(bank, `${named}, ${fault}`);
        return identifier(`c${column}`);
      },
      isEmpty: "blank",
      epoch: sheet.epoch,
      hidden: read.hidden,
      lineOf: async (at) => row(at),
      placeIn: (line, name) => `cell ${cellName(line, header.indexOf(name))}`,
      close: async () => void (await run(`DROP TABLE ${table}`)),
    };
  } catch (error) {
    if (error instanceof XlsxFault) throw bankBroken(bank, `${file}: ${error.message}`);
    throw error;
  }
};

/** Writes what is yielded into a file, and gives what is returned. */
const written = async (path: string, lines: AsyncGenerator<string, SheetTable>): Promise<SheetTable> => {
  const out = createWriteStream(path);
  const ended = finished(out);
  ended.catch(() => undefined);
  try {
    for (;;) {
      const next = await lines.next();
      if (next.done) {
        out.end();
        await ended;
        return next.value;
      }
      if (!out.write(next.value)) await Promise.race([once(out, "drain"), ended]);
    }
  } finally {
    out.destroy();
  }
};
