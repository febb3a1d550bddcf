/**
 * Lets one request in per turn of the event loop, round robin by party, so that an asker who sends hundreds at once holds up their
 * own. Reading a document and planning it are long turns: between two of them timers and sockets have theirs.
 */
export const turnstile = () => {
  /** Those who wait, by party, in the order of their next turns. */
  const waiting = new Map<string, (() => void)[]>();
  let taken = false;

  const nextTurn = (): void => {
    const [first] = waiting;
    if (first === undefined) {
      taken = false;
      return;
    }
    const [party, queue] = first;
    waiting.delete(party);
    if (queue.length > 1) waiting.set(party, queue);
    setImmediate(nextTurn);
    queue.shift()?.();
  };

  return {
    /** Resolves when it is this party's turn; null: it is now. */
    pass(party: string): Promise<void> | null {
      if (!taken) {
        taken = true;
        setImmediate(nextTurn);
        return null;
      }
      return new Promise((resolve) => {
        const queue = waiting.get(party) ?? [];
        queue.push(resolve);
        waiting.set(party, queue);
      });
    },
  };
};
