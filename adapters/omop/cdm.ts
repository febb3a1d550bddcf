import { createHash } from "node:crypto";
import { BankError } from "../../schema/bank-error.ts";
import type { AdapterContext, MappedCodes } from "../adapter.ts";
import { bankBroken } from "../kit/failures.ts";
import type { Release } from "../local.ts";
import { type Catalog, catalogSql, readCatalog } from "./catalog.ts";
import { connections } from "./connections.ts";
import { dictionarySql, readDictionaries, withDictionaries } from "./dictionary.ts";
import { type OmopFields, omopFields, withoutOrphans } from "./fields.ts";
import { foreignKeySql } from "./foreign-key.ts";
import { loginOf } from "./login.ts";
import type { OmopOptions } from "./options.ts";
import { readRelease, releaseColumns, releaseSql } from "./release.ts";
import type { Rows } from "./session.ts";
import type { Statement } from "./statement.ts";
import { readSurvey, type Survey, surveyed, surveySql } from "./survey.ts";
import { usedColumns, watchSql } from "./watch.ts";

/** A CDM that is open: where its fields are, and how it is read. */
export type Cdm = AsyncDisposable & {
  readonly fields: OmopFields;
  /** What the data of the release `opened` hold: the fields are for no other one. */
  readonly survey: Survey;
  readonly opened: Release;
  /** Runs the statements over one snapshot; `release` is what that snapshot holds. @throws {BankError} as connections do */
  readonly read: (
    statements: readonly Statement[],
    signal: AbortSignal,
  ) => Promise<{ readonly release: Release; readonly rows: readonly Rows[] }>;
};

/**
 * Opens the CDM of the options and looks whether it has all that they use. Where the bank announces its releases, cdm_source names
 * them; where it does not, the data themselves are watched.
 * @throws {BankError}
 */
export const openCdm = async (
  options: OmopOptions,
  mapping: MappedCodes,
  context: AdapterContext,
  signal: AbortSignal,
): Promise<Cdm> => {
  const { bank } = context;
  const { timeoutMs, atOnce, cancel } = options;
  const database = connections({ bank, login: await loginOf(options, context), timeoutMs, atOnce, cancel });
  try {
    const [found = []] = await database.read([catalogSql(options)], signal);
    const catalog = readCatalog(bank, options, found);
    const placed = omopFields(options, mapping, catalog);
    if (options.release.id === undefined) catalog.require("cdm_source", releaseColumns(options));
    for (const [table, columns] of usedColumns(placed)) catalog.require(table, columns);
    const [keys] = await database.read([foreignKeySql(catalog)], signal);
    const fields = keys?.length === 0 ? placed : withoutOrphans(placed);
    const read = releaseReader(database, { options, context, catalog, fields });
    const known = await fieldsOfData(read, fields, { options, mapping, bank }, signal);
    return { ...known, read, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
};

type Reading = {
  readonly options: OmopOptions;
  readonly context: AdapterContext;
  readonly catalog: Catalog;
  readonly fields: OmopFields;
};

/** Reads statements with the release of their snapshot. */
const releaseReader = (
  database: Pick<ReturnType<typeof connections>, "read">,
  { options, context, catalog, fields }: Reading,
): Cdm["read"] => {
  const { bank, announced = false } = context;
  let seen: Seen = { at: "", digest: "" };
  return async (statements, asked) => {
    const before = seen;
    const stated = options.release.id === undefined ? [releaseSql(options, fields)] : [];
    const watched = announced ? [] : [watchSql(fields, catalog, before.at)];
    const all = await database.read([...stated, ...watched, ...statements], asked);
    const release = readRelease(bank, options, stated.length === 0 ? undefined : all[0]);
    const rows = all.slice(stated.length + watched.length);
    if (announced) return { release, rows };
    const now = readWatch(bank, before, all[stated.length]);
    seen = now;
    const digest = createHash("sha256").update(now.digest).digest("hex").slice(0, 12);
    return { release: { ...release, id: `${release.id}.${digest}`, kind: "WATCHED" }, rows };
  };
};

type Mapped = { readonly options: OmopOptions; readonly mapping: MappedCodes; readonly bank: string };

/** The fields as the data of one release need them. @throws {BankError} BANK_BUSY where the data change meanwhile */
const fieldsOfData = async (
  read: Cdm["read"],
  fields: OmopFields,
  { options, mapping, bank }: Mapped,
  signal: AbortSignal,
): Promise<Pick<Cdm, "fields" | "survey" | "opened">> => {
  const dictionaries = dictionarySql(fields, mapping, options.patterns);
  const texts = await read(dictionaries === null ? [] : [dictionaries], signal);
  const spelled = withDictionaries(fields, readDictionaries(texts.rows[0] ?? []), mapping, options.patterns);
  const { release, rows } = await read([surveySql(spelled, mapping)], signal);
  if (release.id !== texts.release.id) {
    throw new BankError("BANK_BUSY", bank, "the data: wanted them unchanged while they are looked at, got others");
  }
  const survey = readSurvey(rows[0]);
  return { fields: surveyed(spelled, survey, mapping), survey, opened: release };
};

/** What was read last of the data, and at which snapshot; `at` is empty where that says nothing of the next one. */
type Seen = { readonly at: string; readonly digest: string };

const readWatch = (bank: string, before: Seen, rows: Rows | undefined): Seen => {
  const [at, digest, isKnown] = rows?.[0] ?? [];
  const read = digest ?? before.digest;
  if (typeof at !== "string" || typeof read !== "string" || read === "") {
    throw bankBroken(bank, "PostgreSQL: wanted a digest of the data, got none");
  }
  return { at: isKnown === true ? at : "", digest: read };
};
