import type { Uncertainty } from "../../schema/count.ts";
import type { Release } from "../../schema/release.ts";
import type { Counted, LocalNumber } from "../count/outcomes.ts";
import { Raw } from "../count/raw.ts";
import { type Exact, evaluate, type Plan, reasonsOf } from "../plan/tree.ts";
import type { DisclosureKey, Policy } from "./policy.ts";

/** A number that may leave the bank. Only this room makes one. */
export type Disclosed = LocalNumber & { readonly [DISCLOSED]: true };
declare const DISCLOSED: unique symbol;

/** What every number of one answer is disclosed under. */
export type DisclosureContext = {
  readonly release: Release;
  readonly policy: Policy;
  /** Null where the policy needs none. */
  readonly key: DisclosureKey | null;
};

/**
 * Gives what may be said of one count. `node` tells what was counted: of donors the predicate alone, so that the samples a
 * question selects bring no other draw.
 */
export type Mechanism = (count: LocalNumber, node: Exact, context: DisclosureContext) => LocalNumber;

/** How one bank's numbers leave it. */
export type Disclosure = Omit<DisclosureContext, "release"> & {
  readonly mechanism: Mechanism;
  /** Numbers leave as counted, so that no cell is above its total. Where they are shifted, a cell may be. */
  readonly asCounted: boolean;
};

/** The disclosure that a policy asks for. `off`: numbers leave as they were counted, and `Bank.disclosure` says so. */
export const disclosureOf = (policy: Policy, key: DisclosureKey | null = null): Disclosure => ({
  policy,
  key,
  mechanism: (count) => count,
  asCounted: policy.off,
});

/**
 * The last step before a number leaves the bank: nothing after it has a raw count. Discloses each exact node of a plan; what
 * is computed of several counts is computed of disclosed ones. It throws what `counted` throws.
 */
export const discloser = ({ mechanism, policy, key }: Disclosure, release: Release, counted: Counted) => {
  const context: DisclosureContext = { release, policy, key };
  const shownOf = (node: Exact): LocalNumber => mechanism(Raw.reveal(counted(node)), node, context);
  return (plan: Plan): Disclosed => {
    if (plan.op === "exact") return shownOf(plan) as Disclosed;
    const because = new Set<Uncertainty>(reasonsOf(plan));
    const { min, max } = evaluate(plan, (node) => {
      const shown = shownOf(node);
      for (const reason of shown.because) because.add(reason);
      return shown;
    });
    return { min, max, because: [...because] } as LocalNumber as Disclosed;
  };
};
