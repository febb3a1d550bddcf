import { setImmediate } from "node:timers/promises";

/** Those of one party that wait. `left`: its units when the last of them came. */
type Waiting = { left: number; readonly queue: (() => void)[] };

export type TurnstileOptions = {
  /** Resolves when the next request may come in. Default: one comes in per turn of the event loop. */
  readonly rest?: () => Promise<unknown>;
  /** Whether a request may come in right after another one. Default: none may. */
  readonly isOpen?: () => boolean;
};

/**
 * Lets requests in one by one: the party goes first that has the most units left, which is the one that has asked for the least
 * lately, and of equals the one that waits the longest. So an asker who sends hundreds at once holds up their own, and ten who spend
 * their bursts do not hold up somebody who asks a small question now and then. Reading a document and planning it are long turns:
 * between two of them timers and sockets have theirs.
 */
export const turnstile = ({ rest = setImmediate, isOpen = () => false }: TurnstileOptions = {}) => {
  /** By party, in the order of their next turns among equals. */
  const waiting = new Map<string, Waiting>();
  let taken = false;

  const letIn = async (): Promise<void> => {
    await rest();
    for (let next = richest(waiting); next !== undefined; next = richest(waiting)) {
      const [party, { left, queue }] = next;
      waiting.delete(party);
      if (queue.length > 1) waiting.set(party, { left, queue });
      queue.shift()?.();
      await rest();
    }
    taken = false;
  };

  return {
    /**
     * Resolves when it is this party's turn; null: it is now.
     * @param left the party's units
     */
    pass(party: string, left: number): Promise<void> | null {
      if (!taken) {
        taken = true;
        void letIn();
        return null;
      }
      if (waiting.size === 0 && isOpen()) return null;
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
