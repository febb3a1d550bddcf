/** Joins conditions; `all` of nothing is TRUE, `any` of nothing FALSE. Constants are folded. */
export const join = (op: "all" | "any", parts: readonly string[]): string => {
  const [neutral, decisive] = op === "all" ? ["TRUE", "FALSE"] : ["FALSE", "TRUE"];
  if (parts.includes(decisive)) return decisive;
  const left = parts.filter((part) => part !== neutral);
  if (left.length === 0) return neutral;
  return left.length === 1 ? left[0]! : `(${left.join(op === "all" ? " AND " : " OR ")})`;
};

/** The opposite of a condition that is never NULL. */
export const not = (condition: string): string =>
  condition === "TRUE" ? "FALSE" : condition === "FALSE" ? "TRUE" : `NOT (${condition})`;
