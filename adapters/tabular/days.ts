/** The days between which a date may be, both included; days since 1970-01-01. One day where it is known exactly. */
export type Days = { readonly from: number; readonly to: number };

/** The number of a day that exists. */
export const dayOf = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / 86_400_000;

/** The calendar year of a day. */
export const yearOf = (day: number): number => new Date(day * 86_400_000).getUTCFullYear();

/** A day as one number, such as 20180401: the completed years between two are their difference by 10000, rounded down. */
export const digitsOf = (day: number): number => {
  const date = new Date(day * 86_400_000);
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
};

/**
 * The days of a year, of a month or of a day, by their digits; a part that is absent or zeros is not known. `fiscal`: the year
 * from its April on. Null for a date that does not exist.
 */
export const spanOf = (date: {
  readonly year: number;
  readonly month?: string | undefined;
  readonly day?: string | undefined;
  readonly fiscal?: boolean;
}): Days | null => {
  const { year, fiscal } = date;
  const [month, day] = [Number(date.month ?? 0), Number(date.day ?? 0)];
  if (fiscal) return { from: dayOf(year, 4, 1), to: dayOf(year + 1, 3, 31) };
  if (month > 12 || (month === 0 && day > 0)) return null;
  if (month === 0) return { from: dayOf(year, 1, 1), to: dayOf(year, 12, 31) };
  const length = dayOf(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) - dayOf(year, month, 1);
  if (day > length) return null;
  if (day === 0) return { from: dayOf(year, month, 1), to: dayOf(year, month, length) };
  return { from: dayOf(year, month, day), to: dayOf(year, month, day) };
};
