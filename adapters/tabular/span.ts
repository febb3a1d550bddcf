/** A number that is known to lie between two, both included. */
export type Span = { readonly from: number; readonly to: number };

/** What a cell stands for: a code, a number, or a number that is known less exactly. */
export type Value = string | number | Span;

export const isSpan = (value: Value): value is Span => typeof value === "object";

/** The number itself where it is known exactly. */
export const spanned = ({ from, to }: Span): number | Span => (from === to ? from : { from, to });

/** The ends of a number. */
export const endsOf = (value: Value): Span => {
  if (isSpan(value)) return value;
  const number = Number(value);
  return { from: number, to: number };
};
