import type { TabularOptions } from "./options.ts";
import type { TablePlace } from "./relation.ts";

type Settings = {
  readonly file?: string | undefined;
  readonly sheet?: string | undefined;
  readonly headerRow?: number | undefined;
};

/** Where a table lies: one without a file has the rows of the donors' file. */
export const placeOfTable = (table: Settings, { donors }: Pick<TabularOptions, "donors">): TablePlace => {
  const { file = donors.file, sheet, headerRow } = table.file === undefined ? donors : table;
  return {
    file,
    ...(sheet === undefined ? {} : { sheet }),
    ...(headerRow === undefined ? {} : { headerRow }),
  };
};

/** Where every table that the options name lies, the donors first; a place may come several times. */
export const placesOfTables = (options: TabularOptions): readonly TablePlace[] =>
  [options.donors, options.diseases, options.programmes, options.data, options.uses, options.samples].flatMap(
    (table) => (table === undefined ? [] : [placeOfTable(table, options)]),
  );

/** Every file that the options name, each once: together they are a release. */
export const filesOf = (options: TabularOptions): readonly string[] => [
  ...new Set(placesOfTables(options).map(({ file }) => file)),
];

/** Whether two places are one. */
export const keyOf = ({ file, sheet, headerRow }: TablePlace): string => JSON.stringify([file, sheet, headerRow]);
