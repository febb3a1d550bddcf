import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BankError } from "../../schema/bank-error.ts";
import { isNumberField } from "../../schema/fields.ts";
import { text } from "../../schema/text.ts";
import type { AdapterContext, AdapterFinding, FieldCoverage, Inspection, MappedCodes } from "../adapter.ts";
import { bankBroken } from "../kit/failures.ts";
import { openEngine, type RunSql } from "./engine.ts";
import { withEpochs } from "./epochs.ts";
import { coverageOf, linesOf, MOST_TOLD, readCells } from "./inspected-cells.ts";
import { idFindings, placed } from "./inspected-ids.ts";
import { saidOfRows } from "./inspected-rows.ts";
import type { TabularOptions } from "./options.ts";
import { type Place, placesOf } from "./places.ts";
import type { TablePlace } from "./relation.ts";
import { reason } from "./relation.ts";
import { type Source, sourcesOf } from "./source.ts";
import { keyOf, placeOfTable, placesOfTables } from "./tables.ts";

/**
 * Looks into the files for the operator, one place after another, so that a fault in one hides no other: what is mapped, cells
 * that cannot be read, rows of unknown donors, rows that `only` leaves out. Faults that stop a file come as findings too.
 */
export const inspect = async (
  options: TabularOptions,
  mapping: MappedCodes,
  context: AdapterContext,
  signal: AbortSignal,
): Promise<Inspection> => {
  const { bank } = context;
  const scratch = await mkdtemp(join(tmpdir(), "odan-"));
  const engine = await openEngine(1);
  const folder = resolve(context.folder, options.folder);
  try {
    return await engine.use(signal, async (run) => {
      const { open } = sourcesOf(options, { bank, folder, run, scratch });
      return await inspected(options, mapping, { run, open, signal });
    });
  } finally {
    await engine[Symbol.asyncDispose]();
    await rm(scratch, { recursive: true, force: true });
  }
};

type Look = {
  readonly run: RunSql;
  readonly open: (place: TablePlace) => Promise<Source>;
  readonly signal: AbortSignal;
};

const inspected = async (said: TabularOptions, mapping: MappedCodes, look: Look): Promise<Inspection> => {
  const { signal } = look;
  let options = said;
  const findings: AdapterFinding[] = [];
  const coverage: FieldCoverage[] = [];
  const stopped = new Set<string>();
  const each = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      const detail = error instanceof BankError ? error.detail : `wanted to read the files, got ${reason(error)}`;
      if (!stopped.has(detail)) findings.push(stopOf(detail));
      stopped.add(detail);
    }
  };
  const fail = (detail: string): never => {
    throw bankBroken("", detail);
  };
  await each(async () => {
    options = await withEpochs(said, { open: look.open, fail });
  });
  await each(async () => {
    const source = await look.open(placeOfTable(options.donors, options));
    findings.push(...(await idFindings(options, source, look.run)));
  });
  for (const table of placesOfTables(options)) {
    await each(async () => {
      findings.push(...hiddenRows(await look.open(table), options.xlsx.hiddenRows));
    });
  }
  const isAsked = ({ field }: Place): boolean => isNumberField(field) || mapping[field] !== undefined;
  for (const place of placesOf(options).filter(isAsked)) {
    await each(async () => {
      const source = await look.open(place.table);
      await readCells(place, source, mapping, look.run);
      if (place.alone) coverage.push(await coverageOf(place, look.run));
      const hasDonors = !stopped.size && keyOf(place.table) !== keyOf(placeOfTable(options.donors, options));
      findings.push(
        ...(await badCells(place, source, look.run)),
        ...(hasDonors && place.key !== "birth" ? await orphans(place, source, look.run, options.unknownDonors) : []),
        ...(await unusedCodes(place, mapping, look.run)),
        ...(await saidOfRows(place, source, look.run)),
      );
    });
    for (const table of ["cells", "classes"]) await look.run(`DROP TABLE IF EXISTS ${table}`);
  }
  return { findings: onceEach(findings), coverage };
};

/** Several places of one table tell of the same row once. */
const onceEach = (findings: readonly AdapterFinding[]): readonly AdapterFinding[] => {
  const keyOf = ({ id, file, line, column, got }: AdapterFinding) => JSON.stringify([id, file, line, column, got]);
  return [...new Map(findings.map((finding) => [keyOf(finding), finding])).values()];
};

/** Rows that a spreadsheet hides count, unless the options say otherwise: the operator may not have seen them. */
const hiddenRows = ({ file, hidden }: Source, rows: "keep" | "drop"): readonly AdapterFinding[] =>
  hidden === undefined || hidden.rows === 0
    ? []
    : [
        {
          id: "data.hidden",
          level: rows === "keep" ? "WARNING" : "INFO",
          file,
          line: hidden.first,
          says:
            rows === "keep"
              ? text("The sheet hides rows, and they count.", "シートの非表示の行も数えられます。")
              : text("The sheet hides rows, and they do not count.", "シートの非表示の行は数えられません。"),
          got: `${hidden.rows} hidden rows`,
          remedy: text(
            "Show them, or set xlsx.hiddenRows to what becomes of them.",
            "再表示するか、xlsx.hiddenRows で扱いを指定してください。",
          ),
        },
      ];

const stopOf = (detail: string): AdapterFinding => ({
  id: "source.broken",
  level: "ERROR",
  says: text("The file cannot be read.", "ファイルを読めません。"),
  got: detail,
});

const badCells = async (place: Place, source: Source, run: RunSql): Promise<readonly AdapterFinding[]> => {
  const rows = await run(
    `SELECT t, min(row), min(nth), count(*) FROM cells JOIN classes USING (t) WHERE kept AND class = 'bad'
     GROUP BY t ORDER BY min(row) LIMIT ${MOST_TOLD}`,
  );
  const lines = await linesOf(
    source,
    rows.map(([, row]) => row),
  );
  return rows.map(([value, row, at, times]) => ({
    id: "data.unreadable",
    level: "ERROR",
    field: place.field,
    ...placed(source.file, lines.get(Number(row)), place.columns[Number(at)]!),
    says: text("A cell is not what its setting says.", "設定と合わないセルがあります。"),
    wanted: place.reading?.wanted ?? "a code",
    got: `${JSON.stringify(value)}${Number(times) > 1 ? ` in ${times} rows` : ""}`,
    remedy: text(
      "Mend the cell or the setting, or add the text to `absent` of bank.yaml if it means no value.",
      "セルまたは設定を直すか、値なしを意味する場合は bank.yaml の absent に加えてください。",
    ),
  }));
};

const orphans = async (
  place: Place,
  source: Source,
  run: RunSql,
  unknownDonors: TabularOptions["unknownDonors"],
): Promise<readonly AdapterFinding[]> => {
  const [[rows = 0, row = 0, donor = ""] = []] = await run(
    "SELECT count(DISTINCT row), min(row), arg_min(donor, row) FROM cells WHERE kept AND donor NOT IN (SELECT id FROM ids)",
  );
  if (Number(rows) === 0) return [];
  const lines = await linesOf(source, [row]);
  const digits = await lostZeros(String(donor), run);
  return [
    {
      id: "data.orphans",
      level: unknownDonors === "refuse" ? "ERROR" : unknownDonors === "widen" ? "WARNING" : "INFO",
      ...placed(source.file, lines.get(Number(row)), place.donor),
      says: text("Rows belong to no donor of the donors' file.", "提供者ファイルにない提供者の行があります。"),
      wanted: "donors of the donors' file",
      got: `${rows} rows of others, such as ${JSON.stringify(donor)}`,
      remedy: digits === undefined ? ADD_DONORS : idDigits(digits),
    },
  ];
};

const ADD_DONORS = text(
  "Add the donors, or set unknownDonors to what becomes of such rows.",
  "提供者を加えるか、unknownDonors で行の扱いを指定してください。",
);

const idDigits = (digits: number) =>
  text(
    `Set donors.idDigits to ${digits}: the ids of the donors' file have zeros in front.`,
    `donors.idDigits に ${digits} を指定してください。提供者ファイルの ID は先頭に 0 があります。`,
  );

/** How many digits the ids have where this one only lacks zeros in front; undefined where it is another. */
const lostZeros = async (donor: string, run: RunSql): Promise<number | undefined> => {
  if (!/^\d+$/.test(donor)) return undefined;
  const [row] = await run(
    "SELECT max(length(id)) FROM ids WHERE regexp_matches(id, '^[0-9]+$') AND ltrim(id, '0') = ltrim($1, '0')",
    [donor],
  );
  return row?.[0] == null ? undefined : Number(row[0]);
};

/** Codes that bank.yaml lists and no row has: often another spelling of one that has no meaning. */
const unusedCodes = async (
  { field, alone }: Place,
  mapping: MappedCodes,
  run: RunSql,
): Promise<readonly AdapterFinding[]> => {
  const section = mapping[field];
  if (!alone || section === undefined || section.tree !== undefined || isNumberField(field)) return [];
  const held = new Set(
    (await run("SELECT DISTINCT code FROM classes WHERE class = 'mapped'")).map(([value]) => String(value)),
  );
  const unused = section.codes.filter((code) => !held.has(code));
  if (unused.length === 0) return [];
  return [
    {
      id: "mapping.unused",
      level: "WARNING",
      field,
      says: text(
        "Local codes of bank.yaml stand nowhere in the data.",
        "データにないローカルコードが定義されています。",
      ),
      wanted: "codes that the data hold",
      got: unused
        .slice(0, MOST_TOLD)
        .map((code) => JSON.stringify(code))
        .join(", "),
      remedy: text(
        "Compare them with the values that have no meaning: they may be spelled otherwise.",
        "意味のない値と見比べ、表記の違いがないか確認してください。",
      ),
    },
  ];
};
