import type { Prng } from "../../sandbox/prng.ts";
import type { Edition } from "../../schema/release.ts";
import type { Bank } from "./bank.ts";
import type { Gateway, Wants } from "./gateway.ts";
import { type AnswerEvent, numberIn, type ReadEvent } from "./history.ts";
import type { Timeline } from "./timeline.ts";

const QUESTIONS = Array.from({ length: 12 }, (_, i) => `q${i}`);
/** Two questions out of three are one of these. */
const HOT = QUESTIONS.slice(0, 2);
/** How long a session waits for an answer. */
const DEADLINE_MS = 1500;

export type SessionOptions = {
  readonly banks: readonly Bank[];
  readonly gateways: readonly Gateway[];
  readonly line: Timeline;
  /** Milliseconds between an answer and the next question, at most. */
  readonly thinkMs: number;
  /** How many of a hundred questions are given up. */
  readonly leaving: number;
  readonly reads: ReadEvent[];
  readonly answers: AnswerEvent[];
};

const LOST = {
  gateway: "",
  state: "LEFT",
  name: null,
  ordinal: null,
  verified: null,
  body: null,
  why: null,
  edition: null,
} as const;
const LATE = { state: "FAILED", why: "Late" } as const;

export type Session = {
  readonly live: () => void;
  /** Asks one bank at every gateway at once, as who has just published does. */
  readonly probe: (bank: Bank) => void;
};

type Page = { readonly read: number; readonly edition: Edition | null; readonly state: ReadEvent["state"] };

/** Somebody who asks one question after another, at any gateway, and wants nothing older than what was seen before. */
export const session = (number: number, options: SessionOptions, random: Prng): Session => {
  const { banks, gateways, line, thinkMs, leaving, reads, answers } = options;
  /** What this session's token holds. */
  const token = new Map<string, Edition>();
  const seen: { readonly bank: string; readonly edition: Edition }[] = [];

  /** Puts one question to one bank; null where no gateway takes it. */
  const ask = async (answer: number, at: Gateway, bank: Bank, question: string, wants: Wants): Promise<Page | null> => {
    const inv = line.now();
    const leave = new AbortController();
    const patient = !random.chance(leaving / 100);
    const cancel = line.at(inv + (patient ? DEADLINE_MS : random.between(0, 60)), () =>
      leave.abort(new Error("the asker has gone")),
    );
    const asking = at.ask(bank, question, wants, leave.signal);
    if (asking === null) {
      cancel();
      return null;
    }
    // A gateway that dies gives no notice.
    const lost = new Promise<null>((resolve) => line.at(inv + DEADLINE_MS + 500, () => resolve(null)));
    const told = (await Promise.race([asking, lost])) ?? { ...LOST, began: inv, res: line.now() };
    cancel();
    const { edition, ...rest } = told;
    reads.push({
      answer,
      bank: bank.id,
      question,
      session: number,
      inv,
      floor: wants.floor?.ordinal ?? null,
      pin: wants.pin?.ordinal ?? null,
      ...rest,
      ...(told.state === "LEFT" && patient ? LATE : {}),
    });
    if (edition !== null && told.state !== "SUPERSEDED") {
      const had = token.get(bank.id);
      if (had === undefined || had.ordinal < edition.ordinal) token.set(bank.id, edition);
      seen.push({ bank: bank.id, edition });
    }
    return { read: reads.length - 1, edition, state: told.state };
  };

  /** Two pages of one bank: the second from the edition of the first, or both once more. */
  const pages = async (id: number, at: Gateway, bank: Bank, floor: Edition | undefined): Promise<readonly Page[]> => {
    for (let again = 0; again < 2; again += 1) {
      const first = await ask(id, at, bank, random.pick(QUESTIONS), { floor });
      if (first === null || !hasBody(first)) return [];
      const second = await ask(id, at, bank, random.pick(QUESTIONS), { pin: first.edition ?? undefined });
      if (second === null) return [first];
      if (hasBody(second)) return [first, second];
      if (second.state !== "SUPERSEDED") return [first];
    }
    return [];
  };

  const one = async (): Promise<void> => {
    const id = number * 1_000_000 + answers.length;
    const inv = line.now();
    const at = random.pick(gateways);
    const question = random.chance(0.67) ? random.pick(HOT) : random.pick(QUESTIONS);
    const floorOf = (bank: Bank): Edition | undefined => (random.chance(0.7) ? token.get(bank.id) : undefined);
    const kind = random.unit();
    const bank = random.pick(banks);
    let parts: readonly (Page | null)[];
    if (kind < 0.15) parts = await pages(id, at, bank, floorOf(bank));
    else if (kind < 0.25) {
      const old = seen.findLast((s) => s.bank === bank.id);
      const older = seen.find((s) => s.bank === bank.id);
      parts = [await ask(id, at, bank, question, { pin: (random.chance(0.7) ? old : older)?.edition })];
    } else if (kind < 0.35) {
      parts = await Promise.all(banks.map((each) => ask(id, at, each, question, { floor: floorOf(each) })));
    } else parts = [await ask(id, at, bank, question, { floor: floorOf(bank) })];
    const there = parts.filter((page) => page !== null);
    if (there.length === 0) return;
    answers.push({
      id,
      inv,
      res: line.now(),
      parts: there.map(({ read }) => read),
      complete: there.length === parts.length && there.every(({ state }) => state === "FRESH"),
      total: there.filter(hasBody).reduce((sum, { read }) => sum + numberIn(reads[read]?.body ?? ""), 0),
    });
  };

  const live = async (): Promise<void> => {
    for (;;) {
      await new Promise<void>((resolve) => line.at(line.now() + random.between(1, thinkMs), () => resolve()));
      await one();
    }
  };
  return {
    live: () => void live(),
    probe: (bank) => {
      for (const each of gateways) void ask(-1, each, bank, random.pick(HOT), {});
    },
  };
};

const hasBody = ({ state }: Page): boolean => state === "FRESH" || state === "STALE";
