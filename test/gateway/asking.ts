import { anonymous } from "../../gateway/askers/asker.ts";
import type { RequestContext } from "../../gateway/context.ts";
import * as events from "../../gateway/search/events.ts";
import * as readings from "../../gateway/search/reading.ts";
import type { Federation } from "../../gateway/search/search.ts";
import * as searches from "../../gateway/search/search.ts";
import { NEVER } from "../../net/signals.ts";

/** A federation and one request to it, as one object for tests. */
export type AskWith = Federation & Omit<RequestContext, "asker" | "signal"> & Partial<RequestContext>;

const requestOf = ({ asker = anonymous("ip:192.0.2.1"), signal = NEVER, log }: AskWith): RequestContext => ({
  asker,
  signal,
  log,
});

export const search = (args: searches.SearchArgs, ask: AskWith) => searches.search(args, ask, requestOf(ask));
export const searchEvents = (args: searches.SearchArgs, ask: AskWith) => events.searchEvents(args, ask, requestOf(ask));
export const reading = (args: searches.SearchArgs, ask: AskWith) => readings.reading(args, ask, requestOf(ask));
