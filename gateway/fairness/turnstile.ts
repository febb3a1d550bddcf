/** Those of one party that wait. `left`: its units when the last of them came. */
type Waiting = { left: number; readonly queue: (() => void)[] };

/**
 * Lets one request in per turn of the event loop: the party goes first that has the most units left, which is the one that has
 * asked for the least lately, and of equals the one that waits the longest. So an asker who sends hundreds at once holds up
 * their own, and ten who spend their bursts do not hold up somebody who asks a small question now and then. Reading a document and
 * planning it are long turns: between two of them timers and sockets have theirs.
 */
export const turnstile = () => {
  /** By party, in the order of their next turns among equals. */
  const waiting = new Map<string, Waiting>();
  let taken = false;

  const nextTurn = (): void => {
    const next = richest(waiting);
    if (next === undefined) {
      taken = false;
      return;
    }
    const [party, { left, queue }] = next;
    waiting.delete(party);
    if (queue.length > 1) waiting.set(party, { left, queue });
    setImmediate(nextTurn);
    queue.shift()?.();
  };

  return {
    /**
     * Resolves when it is this party's turn; null: it is now.
     * @param left the party's units
     */
    pass(party: string, left: number): Promise<void> | null {
      if (!taken) {
        taken = true;
        setImmediate(nextTurn);
        return null;
      }
      return new Promise((resolve) => {
        const own = waiting.get(party) ?? { left, queue: [] };
        own.left = left;
        own.queue.push(resolve);
        waiting.set(party, own);
      });
    },
  };
};

const richest = (waiting: ReadonlyMap<string, Waiting>): readonly [string, Waiting] | undefined => {
  let found: readonly [string, Waiting] | undefined;
  for (const entry of waiting) if (found === undefined || entry[1].left > found[1].left) found = entry;
  return found;
};
