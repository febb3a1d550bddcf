import { type Days, dayOf, spanOf, yearOf } from "./days.ts";

/** Japanese eras: three ways to write each, the day on which it began, and its last day. */
const ERAS: readonly { readonly names: readonly string[]; readonly since: number; readonly until: number }[] = [
  { names: ["明治", "明", "M"], since: dayOf(1868, 1, 25), until: dayOf(1912, 7, 30) },
  { names: ["大正", "大", "T"], since: dayOf(1912, 7, 30), until: dayOf(1926, 12, 25) },
  { names: ["昭和", "昭", "S"], since: dayOf(1926, 12, 25), until: dayOf(1989, 1, 7) },
  { names: ["平成", "平", "H"], since: dayOf(1989, 1, 8), until: dayOf(2019, 4, 30) },
  { names: ["令和", "令", "R"], since: dayOf(2019, 5, 1), until: Number.POSITIVE_INFINITY },
];

const YEAR = "^(?<name>明治|大正|昭和|平成|令和|[明大昭平令MTSHR]) ?(?<year>元|\\d{1,2})";
const SHAPES = [
  new RegExp(`${YEAR} ?年 ?(?:(?<fiscal>度)|(?<month>\\d{1,2}) ?月 ?(?:(?<day>\\d{1,2}) ?日)?)?$`),
  new RegExp(`${YEAR}(?:(?<point>[./-])(?<month>\\d{1,2})(?:\\k<point>(?<day>\\d{1,2}))?)?$`),
  /^(?<name>[MTSHR])(?<year>\d{2})(?<month>\d{2})(?<day>\d{2})$/,
];

/** What a shape finds: digits, or 元 for the first year. */
type Parts = { readonly [part in "name" | "year" | "month" | "day" | "fiscal"]?: string };

/**
 * The days that a date of an era may be: 平成30年4月1日, 令和元年, H30.4.1, H300401, 平成30年度 (a fiscal year, from April on).
 * They end with the era. Null where the folded text is no such date, or one outside of its era.
 */
export const eraDays = (text: string): Days | null => {
  const plain = text.toUpperCase();
  const parts: Parts | undefined = SHAPES.map((shape) => shape.exec(plain)?.groups).find(
    (groups) => groups !== undefined,
  );
  const era = ERAS.find(({ names }) => names.includes(parts?.name ?? ""));
  if (parts === undefined || era === undefined) return null;
  const { month, day, fiscal } = parts;
  const number = parts.year === "元" ? 1 : Number(parts.year);
  const days = spanOf({ year: yearOf(era.since) + number - 1, month, day, fiscal: fiscal !== undefined });
  if (number === 0 || days === null || days.from > era.until || days.to < era.since) return null;
  return { from: Math.max(days.from, era.since), to: Math.min(days.to, era.until) };
};
