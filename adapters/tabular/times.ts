import { type Days, dayOf, spanOf, yearOf } from "./days.ts";
import { eraDays } from "./eras.ts";
import { fold } from "./fold.ts";
import { openTimes } from "./open-times.ts";
import type { TimeOptions } from "./options.ts";

/** How a point in time is read: the days between which it may be, or null; `wanted` says what a text should be. */
export type TimeReading = { readonly wanted: string; readonly read: (text: string) => Days | null };

/** Nobody in a bank was born before. */
const EARLIEST_YEAR = 1850;

/** A time of day, which may follow a whole date and changes nothing of it. */
const TIME = "(?:[ T](?:[01]?\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,9})?)?)?";

type Format = Extract<Exclude<TimeOptions, string>["format"], string>;
type Settings = { readonly century?: number | undefined; readonly epoch?: number | undefined };

/** The parts of a date by the groups of its format, letter by letter. */
const SHAPES: { readonly [F in Exclude<Format, "era" | "excel">]: RegExp } = {
  yyyy: /^(?<y>\d{4})(?:\.0+)?$/,
  "yyyy-mm": /^(?<y>\d{4})-(?<m>\d{2})$/,
  yyyymm: /^(?<y>\d{4})(?<m>\d{2})$/,
  "yyyy/mm": /^(?<y>\d{4})\/(?<m>\d{1,2})$/,
  "yyyy-mm-dd": new RegExp(`^(?<y>\\d{4})-(?<m>\\d{2})-(?<d>\\d{2})${TIME}$`),
  "yyyy/mm/dd": new RegExp(`^(?<y>\\d{4})/(?<m>\\d{1,2})/(?<d>\\d{1,2})${TIME}$`),
  "yyyy.mm.dd": new RegExp(`^(?<y>\\d{4})\\.(?<m>\\d{1,2})\\.(?<d>\\d{1,2})${TIME}$`),
  yyyymmdd: /^(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})$/,
  yyyy年mm月dd日: /^(?<y>\d{4}) ?年 ?(?:(?<fiscal>度)|(?<m>\d{1,2}) ?月 ?(?:(?<d>\d{1,2}) ?日)?)?$/,
  "yy-mm-dd": new RegExp(`^(?<y>\\d{2})-(?<m>\\d{2})-(?<d>\\d{2})${TIME}$`),
  "yy/mm/dd": new RegExp(`^(?<y>\\d{2})/(?<m>\\d{1,2})/(?<d>\\d{1,2})${TIME}$`),
  yymmdd: /^(?<y>\d{2})(?<m>\d{2})(?<d>\d{2})$/,
};

/**
 * Reads dates in one format, or in any of several; a text that two of them read as different days is refused. A month or a day
 * of zeros is not known. Years are those from 1850 to the next one.
 */
export const timeReading = (time: TimeOptions): TimeReading => {
  const settings: Exclude<TimeOptions, string> = typeof time === "string" ? { column: time, format: "yyyy" } : time;
  const formats = [settings.format].flat();
  const latest = new Date().getUTCFullYear() + 1;
  const inOneOf = (readable: readonly Format[]): TimeReading["read"] => {
    const readers = readable.map((format) => readerOf(format, settings));
    return (text) => {
      const found = readers.flatMap((reader) => reader(text) ?? []);
      const [first] = found;
      if (first === undefined || found.some(({ from, to }) => from !== first.from || to !== first.to)) return null;
      return yearOf(first.from) >= EARLIEST_YEAR && yearOf(first.to) <= latest ? first : null;
    };
  };
  const exactly = inOneOf(formats);
  // Numbers of days are too alike to other texts.
  const within = openTimes(inOneOf(formats.filter((format) => format !== "excel")), {
    from: dayOf(EARLIEST_YEAR, 1, 1),
    to: dayOf(latest, 12, 31),
  });
  return {
    wanted: `${formats.join(" or ")}, from ${EARLIEST_YEAR} to ${latest}`,
    read: (text) => exactly(text) ?? within(text),
  };
};

const readerOf = (format: Format, { century = 0, epoch = 1900 }: Settings): TimeReading["read"] => {
  if (format === "era") return (text) => eraDays(fold(text));
  if (format === "excel") return (text) => serialDay(text, epoch);
  const asSeen = format === "yyyy年mm月dd日" ? fold : (text: string) => text;
  return (text) => {
    const parts = SHAPES[format]?.exec(asSeen(text))?.groups;
    if (parts === undefined) return null;
    const { y = "", m, d, fiscal } = parts;
    const year = Number(y) + (y.length === 2 ? century : 0);
    return year < EARLIEST_YEAR ? null : spanOf({ year, month: m, day: d, fiscal: fiscal !== undefined });
  };
};

/** The day of a spreadsheet's serial number. In the epoch of 1900 number 60 is a day that never was. */
const serialDay = (text: string, epoch: number): Days | null => {
  if (!/^\d{1,6}(?:\.\d{1,15})?$/.test(text)) return null;
  const serial = Math.floor(Number(text));
  if (epoch === 1900 && (serial === 60 || serial === 0)) return null;
  const day = epoch === 1904 ? dayOf(1904, 1, 1) + serial : dayOf(1899, 12, serial < 60 ? 31 : 30) + serial;
  return { from: day, to: day };
};
