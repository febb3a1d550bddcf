import { UsageError, wanted } from "./usage-error.ts";

/** A release to publish, and who says so. */
export type Publication = {
  readonly bank: string;
  readonly number: string;
  readonly date: string;
  /** Bounds that are raised with it; null: they stay. */
  readonly donors: number | null;
  readonly samples: number | null;
  readonly purge: boolean;
  /** Null: the one that the environment names. */
  readonly tokenFile: string | null;
};

/** The words of `odan publish`. @throws {UsageError} */
export const publicationOf = (bank: string | undefined, last: (option: string) => string | undefined): Publication => {
  if (bank === undefined) throw wanted("the id of a bank after publish", "none");
  return {
    bank,
    number: needed("number", last),
    date: dateOf(needed("date", last)),
    donors: bound("donors", last),
    samples: bound("samples", last),
    purge: last("purge") !== undefined,
    tokenFile: last("token-file") ?? null,
  };
};

const needed = (option: string, last: (option: string) => string | undefined): string => {
  const value = last(option);
  if (value === undefined) throw new UsageError(`wanted --${option} of the release, got none.`);
  return value;
};

const dateOf = (value: string): string => {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(value) ? new Date(value) : new Date(Number.NaN);
  if (!Number.isNaN(day.getTime()) && day.toISOString().startsWith(value)) return value;
  throw wanted("a day such as 2026-10-01 after --date", `"${value}"`);
};

const bound = (option: string, last: (option: string) => string | undefined): number | null => {
  const value = last(option);
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw wanted(`a whole number after --${option}`, `"${value}"`);
};
