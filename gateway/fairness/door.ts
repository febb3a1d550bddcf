import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { whenOver } from "../../net/serve/when-over.ts";
import { expectTurns, isTurnOver, nextTurn } from "../../net/turns.ts";
import { type Refusal, refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";
import type { Overload } from "./overload.ts";
import { type Payer, partyOf } from "./party.ts";
import type { Rate } from "./rate.ts";
import { turnstile } from "./turnstile.ts";

/** Where a request comes in: nothing of it has been read but its head. */
export type Door = {
  /**
   * Resolves when it is the request's turn, or to why it is refused, or to GONE where its client has left. An overloaded gateway
   * refuses everybody, since what it has begun is to end well; else only those are refused who ask for more than their share.
   */
  readonly enter: (asker: Payer, request: IncomingMessage, response: ServerResponse) => Promise<Entry>;
};
export type Entry = Refusal | typeof COME_IN | typeof GONE;
export const COME_IN = "COME_IN";
export const GONE = "GONE";

/** Requests that run at the same time: in the gateway, of one asker, and on one connection, where further ones wait. */
const MOST_RUNNING = 512;
const MOST_OF_ASKER = 128;
const MOST_OF_CONNECTION = 8;
/** Bytes of a request that is read in a millisecond or so. */
const SHORT_BYTES = 2_000;
/** When to ask again, in ms. */
const OVERLOADED_MS = 2000;
const CROWDED_MS = 1000;

export type DoorOptions = { readonly rate: Pick<Rate, "knock" | "look">; readonly overload: Pick<Overload, "isLate"> };

export const createDoor = ({ rate, overload }: DoorOptions): Door => {
  const short = turnstile({ isOpen: () => !isTurnOver() });
  const long = turnstile({ rest: restOfLong });
  const connections = connectionTurns();
  /** Running requests by party. */
  const running = new Map<string, number>();
  let all = 0;

  const refusalOf = (asker: Payer, party: string): Refusal | null => {
    const waitMs = rate.knock(asker);
    if (waitMs !== null) return tooMany(waitMs);
    if (overload.isLate() || all >= MOST_RUNNING) return refuse("OVERLOADED", { retryAfterMs: OVERLOADED_MS });
    return (running.get(party) ?? 0) >= MOST_OF_ASKER ? CROWDED : null;
  };
  const count = (party: string, by: 1 | -1): void => {
    all += by;
    const now = (running.get(party) ?? 0) + by;
    if (now === 0) running.delete(party);
    else running.set(party, now);
  };

  return {
    async enter(asker, request, response) {
      const party = partyOf(asker);
      await connections.pass(request, response);
      if (request.socket.destroyed) return GONE;
      const refusal = refusalOf(asker, party);
      if (refusal !== null) return refusal;
      count(party, 1);
      whenOver(request, response, () => count(party, -1));
      const { left } = rate.look(asker);
      await (isLong(request) ? long : short).pass(party, left);
      if (request.socket.destroyed) return GONE;
      // What came in before it may have spent all.
      const waitMs = rate.knock(asker);
      return waitMs === null ? COME_IN : tooMany(waitMs);
    },
  };
};

/** Whether reading a request may take a while: its body and its URL, which is a document where there is no body. */
const isLong = ({ url = "", headers }: IncomingMessage): boolean =>
  url.length + Number(headers["content-length"] ?? 0) > SHORT_BYTES;

/** Resolves in a turn for long work after that of the request that came in last: its reading begins some promises later. */
const restOfLong = async (): Promise<void> => {
  await setImmediate();
  const reading = {};
  expectTurns(reading, 1);
  await nextTurn(undefined, reading);
};

/** The door of ODAN_RATE=off: everybody comes in. */
export const openDoor: Door = { enter: async () => COME_IN };

/** The refusal of an asker whose units are spent. */
export const tooMany = (retryAfterMs: number): Refusal => refuse("TOO_MANY_REQUESTS", { retryAfterMs });

const CROWDED = refuse("TOO_MANY_REQUESTS", {
  says: text(
    `wanted at most ${MOST_OF_ASKER} requests of one asker at a time, got more`,
    `同時に処理できるリクエストは1利用者あたり${MOST_OF_ASKER}件までです`,
  ),
  retryAfterMs: CROWDED_MS,
});

/** Lets some requests of each connection run, and the others wait for these: pipelined requests all arrive at once. */
const connectionTurns = () => {
  const connections = new WeakMap<Socket, { running: number; readonly waiting: (() => void)[] }>();
  return {
    async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const { socket } = request;
      const own = connections.get(socket) ?? { running: 0, waiting: [] };
      connections.set(socket, own);
      if (own.running < MOST_OF_CONNECTION) own.running += 1;
      else await new Promise<void>((resolve) => own.waiting.push(resolve));
      whenOver(request, response, () => {
        const next = own.waiting.shift();
        // The next one takes over the place.
        if (next === undefined) own.running -= 1;
        else next();
      });
    },
  };
};
