import type { IncomingMessage, ServerResponse } from "node:http";
import { whenOver } from "../../net/serve/when-over.ts";
import { type Payer, partyOf } from "./party.ts";

/** Counts a response as one of its asker's streams until it is over. False: the asker has too many of them. */
export type OpenStream = (asker: Payer, request: IncomingMessage, response: ServerResponse) => boolean;

/** Open streams of one asker, over all connections: a stream is paid for when it opens, and stays for a minute at most. */
const MOST_STREAMS = 16;

export const countStreams = (): OpenStream => {
  const open = new Map<string, number>();
  return (asker, request, response) => {
    const party = partyOf(asker);
    const before = open.get(party) ?? 0;
    if (before >= MOST_STREAMS) return false;
    open.set(party, before + 1);
    whenOver(request, response, () => {
      const left = (open.get(party) ?? 1) - 1;
      if (left === 0) open.delete(party);
      else open.set(party, left);
    });
    return true;
  };
};
