import type { LocalPredicate, LocalQuestion } from "../local.ts";

/** What the donors must meet beside "has a sample that is counted"; undefined where they need not have one. */
export const withoutSample = ({ donors, samples }: LocalQuestion): LocalPredicate | undefined => {
  const parts = donors.op === "all" ? donors.of : [donors];
  const selector = JSON.stringify(samples);
  const at = parts.findIndex((part) => part.op === "sample" && JSON.stringify(part.of) === selector);
  return at < 0 ? undefined : { op: "all", of: parts.filter((_, index) => index !== at) };
};
