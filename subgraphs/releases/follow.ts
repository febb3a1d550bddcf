import { NEVER } from "../../net/signals.ts";
import type { Bounds, Release } from "../../schema/release.ts";
import type { LocalApi } from "../count/local-api.ts";
import { type Authority, type Current, digestOf, oneAtATime } from "./authority.ts";
import { type About, type Basis, candidateOf } from "./edition.ts";

/** How a release came to be known: by a look at the local API, or by the operator, who may withdraw what was before. */
export type How = "seen" | "published" | "purged";

/** Makes a release that the local API holds current. Calls run one after the other. @throws {BankError} */
export type Follow = (release: Release, size: Bounds, how: How) => Promise<Current<About>>;

/** @param announced whether the bank announces its releases: then leases on the older edition run out before it changes */
export const follower = (authority: Authority<About>, local: LocalApi, basis: Basis, announced: boolean): Follow => {
  const move = async (release: Release, size: Bounds, how: How): Promise<Current<About>> => {
    const state = authority.current();
    if (how !== "purged" && isOf(state, release, size, basis)) {
      // A release that was adopted when it was seen did not wait for older leases; publishing it does.
      return how === "seen" ? state : authority.publish(candidateOf(basis, release, size));
    }
    const before = await local.open(NEVER);
    const next = await local.openFor(release, NEVER);
    const { kind } = release;
    const held = candidateOf(basis, { ...(next.adapter.opened ?? release), kind }, size);
    const flipped = () => local.put(next);
    try {
      if (how === "seen" && !announced) return await authority.adopt(held, flipped);
      return await authority.publish(held, { purge: how === "purged", flipped });
    } catch (error) {
      if (next !== before) next.retire();
      throw error;
    }
  };
  const inTurn = oneAtATime();
  return (release, size, how) => inTurn(() => move(release, size, how));
};

/** Whether a state is the edition of this release, these bounds and this basis. */
export const isOf = (
  state: Current<About> | null,
  release: Release,
  size: Bounds,
  basis: Basis,
): state is Current<About> => state !== null && digestOf(state.edition) === candidateOf(basis, release, size).digest;
