import type { Days } from "./days.ts";

type Read = (text: string) => Days | null;

/** What stands before or after a date, and what then is known of the day. */
const SHAPES: readonly (readonly [shape: RegExp, days: (date: Days, all: Days) => Days])[] = [
  [/^(?:<=|=<|[≤≦~〜～])(.+)$|^(.+)(?:以前|まで)$/, (date, all) => ({ from: all.from, to: date.to })],
  [/^[<＜](.+)$|^(.+)(?:より前|未満)$/, (date, all) => ({ from: all.from, to: date.from - 1 })],
  [/^(?:>=|=>|[≥≧])(.+)$|^(.+)(?:以降|以後|から|[~〜～+])$/, (date, all) => ({ from: date.from, to: all.to })],
  [/^[>＞](.+)$|^(.+)より後$/, (date, all) => ({ from: date.to + 1, to: all.to })],
];
const BETWEEN = [/^([^~〜～]+)[~〜～]([^~〜～]+)$/, /^([^-]+)-([^-]+)$/];
const DECADE = /^(\d{3})0(?:年代|s)$/;

/**
 * Reads dates of which one end is open (2005以前, <=2005, 2010以降), the time between two (2003~2008), and decades of years (1950年代,
 * where `read` reads years alone). Null for anything else.
 * @param all the days of an open end
 */
export const openTimes = (read: Read, all: Days): Read => {
  const trimmed: Read = (text) => read(text.trim());
  return (text) => {
    for (const [shape, days] of SHAPES) {
      const parts = shape.exec(text);
      const date = parts === null ? null : trimmed(parts[1] ?? parts[2] ?? "");
      if (date !== null) return inOrder(days(date, all));
    }
    for (const shape of BETWEEN) {
      const parts = shape.exec(text);
      const [first, last] = [trimmed(parts?.[1] ?? ""), trimmed(parts?.[2] ?? "")];
      if (first !== null && last !== null) return inOrder({ from: first.from, to: last.to });
    }
    const decade = DECADE.exec(text)?.[1];
    const [first, last] = decade === undefined ? [] : [read(`${decade}0`), read(`${decade}9`)];
    return first && last ? { from: first.from, to: last.to } : null;
  };
};

const inOrder = (days: Days): Days | null => (days.from <= days.to ? days : null);
