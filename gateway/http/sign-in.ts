import type { IncomingMessage } from "node:http";
import { Refusal } from "../../schema/refusal.ts";
import type { Asker } from "../askers/asker.ts";
import type { Askers } from "../askers/askers.ts";
import type { Arrived } from "../context.ts";

/** Who sent a request. Where its token does not count, the request ends before GraphQL, with this refusal. */
export const signedIn = async (
  request: IncomingMessage,
  askers: Askers,
  { notes }: Arrived,
): Promise<Asker | Refusal> => {
  try {
    return await askers.of(request);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    notes.errorCodes = [refusal.code];
    return refusal;
  }
};
