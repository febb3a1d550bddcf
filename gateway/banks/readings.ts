import { LRUCache } from "lru-cache";
import { timeoutSignal, withDeadline } from "../../net/deadline.ts";
import type { Question } from "../../schema/wire/question.ts";
import type { Reading } from "../../schema/wire/reading.ts";
import { partyOf } from "../fairness/party.ts";
import type { Answering, AnsweringOptions, Call } from "./answering.ts";
import { failureOf, timedOut } from "./failure.ts";

/** How banks read questions, for the whole gateway. */
export type ReadingCache = LRUCache<string, Reading>;

const MAX_BYTES = 32 * 2 ** 20;

/** A cache that evicts the least recently used readings. */
export const readingCache = (): ReadingCache =>
  new LRUCache({
    maxSize: MAX_BYTES,
    // Two bytes a character, and about as much again for the objects.
    sizeCalculation: (reading, key) => 4 * (key.length + JSON.stringify(reading).length),
  });

/** How one bank reads each question, in their order. Null: not known in time. Rejects only when the asker leaves. */
export type BankReadings = (questions: readonly Question[], call: Call) => Promise<readonly (Reading | null)[]>;

export type ReadingsOptions = Pick<AnsweringOptions, "id" | "calls" | "guard"> & {
  readonly readings: ReadingCache;
  readonly answering: Answering;
  /** Names the bank's current card: a reading is kept together with the card that it was made beside. */
  readonly cardVersion: () => number;
  /** Whether the bank grants leases. */
  readonly isOpen: () => boolean;
};

/** Time limit of one call, in ms. */
const CALL_MS = 10_000;
/** After so many ms a bank reads by its mapping alone instead of waiting for its local API. */
const OPENING_MS = 2500;
/** The longest wait for the edition that readings belong to, in ms. */
const EDITION_MS = 1000;

/**
 * Keeps readings by edition and question, so that a bank is asked for a question once in each edition, and readings serve
 * while the bank is out of reach.
 */
export const createReadings = (options: ReadingsOptions): BankReadings => {
  const { id, calls, guard, readings: cache, answering, cardVersion, isOpen } = options;
  const load = loader(cache, (questions, party) =>
    withDeadline(
      (left) =>
        guard.reading(() => calls.readings(questions, timeoutSignal(left, OPENING_MS)), { party, signal: left }),
      CALL_MS,
      () => timedOut(id, CALL_MS),
    ),
  );
  const prefix = (): string => JSON.stringify([id, cardVersion(), answering.last()?.edition.name ?? null]);
  /** Hears which edition is current, if the bank says it soon; else readings are those of the last one that is known. */
  const meetEdition = async (call: Call): Promise<void> => {
    if (!isOpen()) return;
    const deadlineMs = Math.min(EDITION_MS, Math.ceil(call.deadlineMs / 2));
    await answering.current({ ...call, deadlineMs }).catch(() => call.signal.throwIfAborted());
  };
  return async (questions, call) => {
    const { deadlineMs, signal, log } = call;
    let keyed = keysOf(prefix(), questions);
    const work = async (): Promise<void> => {
      await meetEdition(call);
      keyed = keysOf(prefix(), questions);
      await load(keyed, partyOf(call.asker));
    };
    try {
      await withDeadline(work, deadlineMs, () => timedOut(id, deadlineMs), signal);
    } catch (error) {
      signal.throwIfAborted();
      const { code, message } = failureOf(id, error, { retryAfterMs: null, log }).failure;
      log.warn({ bank: id, code }, message);
    }
    return keyed.map(([key]) => cache.get(key) ?? null);
  };
};

type Keyed = readonly (readonly [key: string, question: Question])[];

const keysOf = (prefix: string, questions: readonly Question[]): Keyed =>
  questions.map((question) => [prefix + jsonOf(question), question]);

const texts = new WeakMap<Question, string>();
/** The JSON of a question; made once, since every bank is asked the same ones. */
const jsonOf = (question: Question): string => {
  const text = texts.get(question) ?? JSON.stringify(question);
  texts.set(question, text);
  return text;
};

/** Asks for readings in a party's turn. */
type Ask = (questions: readonly Question[], party: string) => Promise<readonly Reading[]>;

/** Fills the cache: asks in one call for what is neither there nor being asked, and waits for the rest. */
const loader = (cache: ReadingCache, ask: Ask) => {
  const pending = new Map<string, Promise<void>>();
  return async (keyed: Keyed, party: string): Promise<void> => {
    const missing = new Map(keyed.filter(([key]) => !pending.has(key) && !cache.has(key)));
    const waiting = new Set(keyed.flatMap(([key]) => pending.get(key) ?? []));
    if (missing.size > 0) {
      const keys = [...missing.keys()];
      const call = ask([...missing.values()], party)
        .then((readings) => {
          for (const [i, key] of keys.entries()) cache.set(key, readings[i]!);
        })
        .finally(() => {
          for (const key of keys) pending.delete(key);
        });
      for (const key of keys) pending.set(key, call);
      waiting.add(call);
    }
    await Promise.all(waiting);
  };
};
