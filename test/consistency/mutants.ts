import type { Mutant } from "../mutant.ts";
import type { Violation } from "./checker.ts";

/** A fault, and the promise that it breaks. */
export type Planted = Mutant & { readonly breaks: Violation["promise"] };

/** One fault for each rule of the protocol. The checker has to catch every one of them by the promise named. */
export const MUTANTS: readonly Planted[] = [
  {
    name: "a publication is acknowledged before the leases have run out",
    breaks: "I1",
    file: "subgraphs/releases/authority.ts",
    find: "await drained(lastLeaseEnds);",
    replace: "",
  },
  {
    name: "a lease is counted from the reply",
    breaks: "I1",
    file: "cache/lease.ts",
    find: "const verified = { ...lease, atMono, atWall };",
    replace: "const verified = { ...lease, atMono: clock.mono(), atWall: clock.wall() };",
  },
  {
    name: "the key has no edition",
    breaks: "I5",
    file: "cache/reader.ts",
    find: "const keyOf = ({ name, purges }: Edition, question: string): StoreKey => ({",
    replace: 'const keyOf = ({ purges }: Edition, question: string, name = "any"): StoreKey => ({',
  },
  {
    name: "the bank answers from whatever edition it has",
    breaks: "I5",
    file: "test/consistency/bank.ts",
    find: "authority.current()?.edition.name === name &&",
    replace: "true ||",
  },
  {
    name: "a stale answer calls itself fresh",
    breaks: "I1",
    file: "cache/reader.ts",
    find: 'return { state: "STALE", verified, entry, why };',
    replace: 'return { state: "FRESH", verified, entry };',
  },
  {
    name: "a stale answer goes behind the token",
    breaks: "I3",
    file: "cache/lease.ts",
    find: "last: () => (held !== null && held.edition.ordinal >= least ? held : null),",
    replace: "last: () => held,",
  },
  {
    name: "the current edition is read from the shared store",
    breaks: "I1",
    file: "cache/reader.ts",
    find: "const leases = leaseHolder(source.id, leaseNow, clock);",
    // A pointer that lives for a second there, as such pointers do.
    replace: `
      const pointer = async () => {
        const key = { group: source.id, question: "current", edition: String(Math.floor(clock.wall() / 1000)) };
        const ask = async () => ({ value: await source.lease(), size: 100, tookMs: 0 });
        return (await answers.get(key, ask, new AbortController().signal))!.value as Lease<A>;
      };
      const leases = leaseHolder<A>(source.id, pointer, clock);`,
  },
  {
    name: "a bank that starts again forgets the leases that it gave",
    breaks: "I1",
    file: "subgraphs/releases/authority.ts",
    find: "leasesMayBeOut ? clock.mono() + leaseMs : Number.NEGATIVE_INFINITY;",
    replace: "Number.NEGATIVE_INFINITY;",
  },
  {
    name: "an error is kept as an answer",
    breaks: "I5",
    file: "cache/reader.ts",
    find: "const said = await asked.read(verified, stop).catch(unlessGone);",
    replace:
      "const said = await asked.read(verified, stop).catch((error: unknown) => ({ value: String(error), size: 100 }));",
  },
  {
    name: "the second page is of whatever edition is current by then",
    breaks: "I2",
    file: "cache/reader.ts",
    find: 'if (pin !== undefined && pin.name !== edition.name) return { state: "SUPERSEDED", verified };',
    replace: "",
  },
  {
    name: "a question joins a lease call under way and trusts its reply",
    breaks: "I1",
    file: "cache/lease.ts",
    find: "if (joined.number > before) return unlessAborted(joined.answer, signal);",
    replace: "return unlessAborted(joined.answer, signal);",
  },
  {
    name: "a machine that slept for less than a second did not sleep",
    breaks: "I1",
    file: "cache/lease.ts",
    find: "if (Math.abs(clock.wall() - held.atWall - passed) > held.leaseMs * DRIFT) return null;",
    replace: "if (Math.abs(clock.wall() - held.atWall - passed) > 1000) return null;",
  },
  {
    name: "a renewal under way brings back the lease of an edition that was seen to have gone",
    breaks: "I11",
    file: "cache/lease.ts",
    find: "heldFrom = number;",
    replace: "heldFrom = calls + 1;",
  },
  {
    name: "leases go on being given while the last ones are waited for",
    breaks: "I1",
    file: "subgraphs/releases/authority.ts",
    find: "const given = draining ? 0 : leaseMs;",
    replace: "const given = leaseMs;",
  },
  {
    name: "stale answers are of any age",
    breaks: "I4",
    file: "cache/reader.ts",
    find: "if (age > staleMs) throw why;",
    replace: "",
  },
  {
    name: "a gateway fills what another is filling",
    breaks: "I8",
    file: "cache/answers.ts",
    find: 'if ("wait" in begun) await',
    replace: 'if ("wait" in begun) return "alone"; else await',
  },
];
