import { LRUCache } from "lru-cache";
import { reportReady } from "../../sandbox/child.ts";
import type { BankId } from "../../sandbox/donor.ts";
import type { ReleaseNumber } from "../../sandbox/releases.ts";
import { worldOf } from "../e2e/house.ts";
import type { World } from "../oracle.ts";
import { judge, type Said, type Verdict } from "./judge.ts";

/** The oracle in a process of its own, so that it does not slow down what is measured. argv: the size of the banks. */
const size = Number(process.argv[2]);
const worlds = new Map<string, World>();
const known = (bank: BankId, release: ReleaseNumber): World => {
  const key = `${bank}/${release}`;
  const world = worlds.get(key) ?? worldOf(bank, size, release);
  worlds.set(key, world);
  return world;
};
const verdictOf = judge(known);
const verdicts = new LRUCache<string, Verdict>({ max: 5000 });

// The leash has let go of it.
process.channel?.ref();
process.on("message", ({ id, said }: { readonly id: number; readonly said: Said }) => {
  const key = JSON.stringify(said);
  const verdict = verdicts.get(key) ?? verdictOf(said);
  verdicts.set(key, verdict);
  process.send?.({ id, verdict });
});
reportReady({ at: "the oracle", built: false });
