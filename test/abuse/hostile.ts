import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Whom to attack, and how many clients do it. */
export type Attack = { readonly url: string; readonly clients: number };

/** What hostile clients got: how many of each status. */
export type Statuses = ReadonlyMap<number, number>;

/** Hostile clients on a thread of their own, so that they hold up nobody here. */
export const startAttack = (attack: Attack): { readonly end: () => Promise<Statuses> } => {
  const thread = new Worker(new URL("./hostile-thread.js", import.meta.url), { workerData: attack });
  const over = once(thread, "message");
  return {
    async end() {
      thread.postMessage("end");
      const [statuses] = (await over) as [Statuses];
      await thread.terminate();
      return statuses;
    },
  };
};
