import type { ToThread } from "../../../subgraphs/serve/thread/messages.ts";

/** The requests to a thread that wait for their answers, each under an id. */
export const openRequests = (tell: (message: ToThread) => void) => {
  const waiting = new Map<number, { readonly answer: (json: string) => void; readonly fail: (why: Error) => void }>();
  let last = 0;
  let ended: Error | null = null;
  return {
    tell,
    /** Sends the message that `make` makes of an id. `answer` resolves to JSON, and rejects once no answer can come. */
    send(make: (id: number) => ToThread): { readonly id: number; readonly answer: Promise<string> } {
      last += 1;
      const id = last;
      const answer = new Promise<string>((resolve, reject) => {
        if (ended !== null) return reject(ended);
        waiting.set(id, { answer: resolve, fail: reject });
        tell(make(id));
      });
      return { id, answer };
    },
    answered(id: number, json: string): void {
      waiting.get(id)?.answer(json);
      waiting.delete(id);
    },
    /** Fails the requests that wait, and all later ones. */
    end(why: Error): void {
      ended = why;
      for (const { fail } of waiting.values()) fail(why);
      waiting.clear();
    },
  };
};
