import type { JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { caught } from "../kit/failures.ts";
import type { Some } from "../kit/once-each.ts";
import type { Stated } from "../kit/one-release.ts";
import { type Found, joinsOf } from "./counting.ts";
import type { Proven } from "./probe.ts";
import type { Search } from "./search.ts";

/** How searches are sent. */
type Sender = {
  readonly most: number;
  readonly send: (searches: Some<Search>, signal: AbortSignal) => Promise<Stated<Found>>;
};

/**
 * How the release is told. `last`: path of what is read behind the counts; `idOf`: the release that it states. `isOpened`:
 * whether it is the one that was opened; without an id the one that was read last.
 */
type Telling = {
  readonly last: string | undefined;
  readonly idOf: (found: JsonObject) => string;
  readonly isOpened: (id?: string) => boolean;
  readonly timeoutMs: number;
};

/** Room that a bundle has for controls. */
const CONTROLS = 10;
/** Bundles with fewer searches have none. */
const FEWEST = 2 * CONTROLS;
/** How long a join that took too long is not tried again. */
const REST_MS = 10 * 60_000;

/**
 * Sends searches in bundles, controls among them. What the server has to join in ways that may take long goes by itself, and
 * is given up after a sixth of the time limit, then left alone for ten minutes.
 */
export const sender = ({ server, controls }: Proven, { last, idOf, isOpened, timeoutMs }: Telling): Sender => {
  const room = server.most - (last === undefined ? 0 : 1);
  const hasControls = server.most >= FEWEST;
  const longestMs = Math.ceil(timeoutMs / 6);
  const resting = new Map<string, number>();

  const together = async (searches: Some<Search>, signal: AbortSignal): Promise<Stated<Found>> => {
    const checks = hasControls ? controls.of(searches).slice(0, CONTROLS) : [];
    const [first, ...others] = searches;
    const asked = [first, ...others, ...checks.map(({ search }) => search)] as const;
    const answer = await server.countTogether(asked, signal, last);
    const stated = answer.last === undefined ? undefined : idOf(answer.last);
    const fault = isOpened(stated) ? controls.fault(checks, answer.counts.slice(searches.length)) : undefined;
    const counts = answer.counts.slice(0, searches.length);
    return {
      outcomes: fault === undefined ? counts : counts.map((count) => (count instanceof BankError ? count : fault)),
      stated: stated === undefined ? [] : [stated],
    };
  };

  /** One that may take long. */
  const alone = async (search: Search, signal: AbortSignal): Promise<Stated<Found>> => {
    const shape = search.params.map(([name]) => name).join(" ");
    const none = { outcomes: [null], stated: [] };
    if ((resting.get(shape) ?? 0) > performance.now()) return none;
    const limit = AbortSignal.timeout(longestMs);
    try {
      return await together([search], AbortSignal.any([signal, limit]));
    } catch (error) {
      if (signal.aborted || !(limit.aborted || (error instanceof BankError && error.code === "BANK_TIMEOUT")))
        throw error;
      resting.set(shape, performance.now() + REST_MS);
      return none;
    }
  };
  return {
    most: Math.max(1, hasControls ? room - CONTROLS : room),
    async send(searches, signal) {
      const slow = searches.filter(({ params }) => joinsOf(params) > 1);
      const [first, ...others] = searches.filter(({ params }) => joinsOf(params) <= 1);
      const parts = await Promise.all([
        ...(first === undefined ? [] : [caught(() => together([first, ...others], signal))]),
        ...slow.map((search) => caught(() => alone(search, signal))),
      ]);
      const quick = [...(first === undefined ? [] : [first]), ...others];
      const [batch, joins] = first === undefined ? [undefined, parts] : [parts[0], parts.slice(1)];
      const outcomeOf = (search: Search): Found | BankError => {
        const at = slow.indexOf(search);
        const part = at < 0 ? batch! : joins[at]!;
        return part instanceof BankError ? part : part.outcomes[at < 0 ? quick.indexOf(search) : 0]!;
      };
      return {
        outcomes: searches.map(outcomeOf),
        stated: parts.flatMap((part) => (part instanceof BankError ? [] : part.stated)),
      };
    },
  };
};
