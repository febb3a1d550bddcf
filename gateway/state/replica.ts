import { fieldOf, isNewer, isSame, type LineSigner, STEP, type StateEntry } from "./entry.ts";

/** An entry, and the signed line that it was read from or is written as. */
export type SignedEntry = { readonly entry: StateEntry; readonly line: string };

/** A line that was read; `field`: what it stands under, where lines have names. */
export type StoredLine = { readonly line: string; readonly field: string | null };

/** See createReplica. */
export type Replica = ReturnType<typeof createReplica>;

/** Time in ms for which an entry outlives its `until`: longer than two machines' clocks differ. */
const MARGIN_MS = 24 * 60 * 60 * 1000;

/** This process's copy of the state, in memory. It never takes an older copy of an entry for a newer one. */
export const createReplica = (signer: LineSigner, now: () => number = Date.now) => {
  const held = new Map<string, SignedEntry>();
  const live = new Map<string, Map<string, unknown>>();
  let changes = 0;

  const liveOf = (kind: string): Map<string, unknown> => {
    const known = live.get(kind) ?? new Map<string, unknown>();
    live.set(kind, known);
    return known;
  };
  const isOver = ({ until }: StateEntry): boolean => until !== null && until + MARGIN_MS < now();

  const take = (signed: SignedEntry): boolean => {
    const { entry } = signed;
    if (isOver(entry)) return false;
    const field = fieldOf(entry);
    const known = held.get(field)?.entry;
    const newer = known === undefined || isNewer(entry, known);
    // The same entry may come under another key.
    if (newer || isSame(entry, known)) held.set(field, signed);
    if (!newer) return false;
    changes += 1;
    if (entry.value === null) liveOf(entry.kind).delete(entry.name);
    else liveOf(entry.kind).set(entry.name, entry.value);
    return true;
  };

  return {
    /** The values of a kind that are not removed, by name. The map changes with the state. */
    values: (kind: string): ReadonlyMap<string, unknown> => liveOf(kind),
    /** What is held of a name, removed or not. */
    get: (at: Pick<StateEntry, "kind" | "name">): SignedEntry | undefined => held.get(fieldOf(at)),
    /** Every entry that is held, removed ones among them. */
    all: (): readonly SignedEntry[] => [...held.values()],
    /** The lines of all entries, in the order of their names. @param made an entry in place of what is held of its name */
    lines(made?: SignedEntry): readonly string[] {
      const all = made === undefined ? held : new Map(held).set(fieldOf(made.entry), made);
      return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { line }]) => line);
    },
    /** The next entry of a name. */
    next: (write: Omit<StateEntry, "number">): SignedEntry => {
      const entry = nextEntry(held.get(fieldOf(write))?.entry, write);
      return { entry, line: signer.write(entry) };
    },
    take,
    /** Takes what is newer. Returns how many entries were; `forged`: no key has signed them under that name; `over`: nobody needs them. */
    takeLines(lines: Iterable<StoredLine>) {
      const [forged, over]: [StoredLine[], StoredLine[]] = [[], []];
      let newer = 0;
      for (const stored of lines) {
        const { line, field } = stored;
        const entry = signer.read(line);
        if (entry === null || (field !== null && field !== fieldOf(entry))) forged.push(stored);
        else if (isOver(entry)) over.push(stored);
        else if (take({ entry, line })) newer += 1;
      }
      return { newer, forged, over };
    },
    /** How many times this copy has changed. */
    changes: () => changes,
    /** Signs every line with the newest key, so that older ones can go. */
    resign(): void {
      for (const [field, { entry, line }] of held) {
        const signed = { entry, line: signer.write(entry) };
        if (signed.line !== line) changes += 1;
        held.set(field, signed);
      }
    },
    /** Drops entries that nobody needs any more. */
    prune(): void {
      const over = [...held].filter(([, { entry }]) => isOver(entry));
      for (const [field, { entry }] of over) {
        held.delete(field);
        liveOf(entry.kind).delete(entry.name);
      }
      changes += over.length;
    },
  };
};

/** The entry that a write makes of what is held. The mark of a removal is of use for as long as what it removes. */
const nextEntry = (before: StateEntry | undefined, write: Omit<StateEntry, "number">): StateEntry => {
  const isRemoval = write.value === null;
  const number = (before?.number ?? 0) + (isRemoval ? STEP.remove : STEP.write);
  return { ...write, number, until: isRemoval ? (before?.until ?? null) : write.until };
};
