import { argument, condition, consequent, itself, type Mutant, rightOf, value } from "../mutant.ts";
import type { Violation } from "./checker.ts";

/** A fault, and the promise that it breaks. */
export type Planted = Mutant & { readonly breaks: Violation["promise"] };

/** One fault for each rule of the protocol. The checker has to catch every one of them by the promise named. */
export const MUTANTS: readonly Planted[] = [
  {
    name: "a publication is acknowledged before the leases have run out",
    breaks: "I1",
    marker: "drain",
    at: itself,
    becomes: () => ";",
  },
  {
    name: "a lease is counted from the reply",
    breaks: "I1",
    marker: "lease-start",
    at: value,
    becomes: (verified) => `{ ...${verified}, atMono: clock.mono(), atWall: clock.wall() }`,
  },
  {
    name: "the key has no edition",
    breaks: "I5",
    marker: "key-edition",
    at: value,
    becomes: () => '"any." + purges',
  },
  {
    name: "the bank answers from whatever edition it has",
    breaks: "I5",
    marker: "bank-edition",
    at: value,
    becomes: () => "() => true",
  },
  {
    name: "a stale answer calls itself fresh",
    breaks: "I1",
    marker: "stale-state",
    at: value,
    becomes: (part) => `{ ...${part}, state: "FRESH" }`,
  },
  {
    name: "a stale answer goes behind the token",
    breaks: "I3",
    marker: "newest-edition",
    at: value,
    becomes: () => "() => held",
  },
  {
    name: "the current edition is read from the shared store",
    breaks: "I1",
    marker: "lease-source",
    at: argument(1),
    // A pointer that lives for a second there, as such pointers do.
    becomes: (lease) => `async () => {
      const edition = String(Math.floor(clock.wall() / 1000));
      const ask = async () => ({ value: await (${lease})(), size: 100, tookMs: 0 });
      const key = { group: source.id, question: "current", edition };
      return (await answers.get(key, ask, new AbortController().signal)).value;
    }`,
  },
  {
    name: "a bank that starts again forgets the leases that it gave",
    breaks: "I1",
    marker: "leases-before-start",
    at: value,
    becomes: () => "Number.NEGATIVE_INFINITY",
  },
  {
    name: "an error is kept as an answer",
    breaks: "I5",
    marker: "error-is-no-answer",
    at: argument(0),
    becomes: () => "(error: unknown) => ({ value: String(error), size: 100 })",
  },
  {
    name: "the second page is of whatever edition is current by then",
    breaks: "I2",
    marker: "pin",
    at: condition,
    becomes: () => "false",
  },
  {
    name: "a question joins a lease call under way and trusts its reply",
    breaks: "I1",
    marker: "joined-lease",
    at: condition,
    becomes: () => "true",
  },
  {
    name: "a machine that slept for less than a second did not sleep",
    breaks: "I1",
    marker: "slept",
    at: rightOf(condition),
    becomes: () => "1000",
  },
  {
    name: "a renewal under way brings back the lease of an edition that was seen to have gone",
    breaks: "I11",
    marker: "dropped-lease",
    at: value,
    becomes: () => "calls + 1",
  },
  {
    name: "leases go on being given while the last ones are waited for",
    breaks: "I1",
    marker: "no-lease-while-draining",
    at: condition,
    becomes: () => "false",
  },
  {
    name: "stale answers are of any age",
    breaks: "I4",
    marker: "stale-age",
    at: condition,
    becomes: () => "false",
  },
  {
    name: "a gateway fills what another is filling",
    breaks: "I8",
    marker: "one-fill",
    at: consequent,
    becomes: () => 'return "alone";',
  },
];
