import { NEVER, unlessAborted } from "../../net/signals.ts";
import { mapInTurns } from "../../net/turns.ts";
import { BankError } from "../../schema/bank-error.ts";
import { once } from "../../schema/once.ts";
import type { Answers } from "../../schema/wire/answer.ts";
import type { Failed } from "../../schema/wire/failure.ts";
import type { Lease } from "../../schema/wire/lease.ts";
import { parseQuestion } from "../../schema/wire/question.ts";
import { answer, failure } from "../answer/answer.ts";
import { type LocalApi, localApi, type OpenAdapter, type OpenLocalApi } from "../count/local-api.ts";
import { type Disclosure, disclosureOf } from "../disclose/disclose.ts";
import { readMeanings } from "../mapping/code-index.ts";
import type { LocalCode } from "../mapping/field-mapping.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { openReleases, type Releases, type ReleasesOptions } from "../releases/releases.ts";
import { type Interpreter, interpreterOf } from "../understand/interpret.ts";
import { type BankReading, reading } from "../understand/reading.ts";
import { refusalBy } from "./bank-state.ts";
import { cardOf, type SentCard } from "./card.ts";
import { declaredInterpreter } from "./declared-interpreter.ts";

/** What one bank answers; a failing bank is a value of the contract. Questions are JSON as a gateway sent it. */
export type ServedBank = AsyncDisposable & {
  readonly id: string;
  /** While the local API cannot be reached, what the mapping alone tells. */
  readonly self: (signal: AbortSignal) => Promise<SentCard>;
  /** One for each question. @throws {WrongAnswer} for what is no question of any version */
  readonly readings: (questions: readonly unknown[], signal: AbortSignal) => Promise<readonly BankReading[]>;
  readonly lease: (signal: AbortSignal) => Promise<Lease | Failed>;
  /** @param asOf name of the edition; BANK_GONE where another one is current */
  readonly answers: (asOf: string, questions: readonly unknown[], signal: AbortSignal) => Promise<Answers>;
  /** @throws {QuestionError} where the local API does not hold the release, {BankError} where it cannot be asked */
  readonly publish: Releases["publish"];
};

/**
 * A bank from its mapping and a way to open its adapter. The local API is opened with the first question, and again with
 * the next one while it cannot be reached: a bank that is down at the start joins when it comes up.
 */
export const servedBank = (
  mapping: Mapping,
  openAdapter: OpenLocalApi,
  options: Omit<ReleasesOptions, "disclosure">,
): ServedBank => {
  const { id } = mapping;
  const disclosure = disclosureOf(mapping.yaml.disclosure);
  const refusal = refusalBy(mapping);
  const local = localApi(openAdapter);
  const interpreters = interpretersOf(mapping);
  const card = lastCard();
  const diseasesRead = (): Promise<unknown> => readMeanings(mapping.fields.DISEASE?.codes ?? NO_CODES);
  const releases = retriedOnce(() =>
    openReleases(mapping, local, { ...options, disclosure }).catch((cause) => {
      throw new BankError("BANK_BROKEN", id, `release state: ${cause.message}`, { cause });
    }),
  );
  const opened = async (): Promise<Releases> => {
    if (refusal !== null) throw refusal;
    return releases();
  };
  /** The local API of a bank that refuses is left alone. */
  const interpreterNow = (signal: AbortSignal): Promise<Interpreter> =>
    refusal === null
      ? local.open(signal).then(interpreters.of, interpreters.declared)
      : Promise.resolve(interpreters.declared());
  return {
    id,
    async self(signal) {
      const kept = await releases().catch(() => null);
      const settled = refusal === null ? kept?.settle(signal).catch(() => undefined) : undefined;
      const interpreter = await interpreterNow(signal);
      if (settled !== undefined && kept?.current() === null)
        await unlessAborted(settled, signal).catch(() => undefined);
      return card(interpreter, kept?.current()?.about ?? null);
    },
    async readings(questions, signal) {
      const interpreter = await interpreterNow(signal);
      await diseasesRead();
      return mapInTurns(questions, (question) => reading(parseQuestion(question), interpreter), signal);
    },
    lease: (signal) =>
      opened()
        .then((open) => open.lease(signal))
        .catch(failureOf),
    answers: (asOf, questions, signal) =>
      opened()
        .then((open) =>
          answersOf(
            { id, disclosure, local, diseasesRead, interpreter: interpreters.of, releases: open },
            asOf,
            questions,
            signal,
          ),
        )
        .catch((error) => ({ release: null, ...failureOf(error) })),
    async publish(announced, signal) {
      local.forgetBroken();
      return (await releases()).publish(announced, signal);
    },
    [Symbol.asyncDispose]: () => local[Symbol.asyncDispose](),
  };
};

/** @throws what is no failure of the bank */
const failureOf = (error: unknown): Failed => {
  if (error instanceof BankError) return failure(error);
  throw error;
};

/** Makes a value at the first call, and again at the next one if that failed. */
const retriedOnce = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () =>
    (made ??= make().catch((error) => {
      made = undefined;
      throw error;
    }));
};

/** The card that was made last, and a new one where what it is made of has changed: gateways ask for it all the time. */
const lastCard = (): typeof cardOf => {
  let last: { readonly of: Parameters<typeof cardOf>; readonly card: SentCard } | null = null;
  return (interpreter, about) => {
    if (last?.of[0] !== interpreter || last.of[1] !== about) {
      last = { of: [interpreter, about], card: cardOf(interpreter, about) };
    }
    return last.card;
  };
};

const interpretersOf = (mapping: Mapping) => {
  const made = new WeakMap<OpenAdapter, Interpreter>();
  return {
    of: (open: OpenAdapter): Interpreter => {
      const interpreter = made.get(open) ?? interpreterOf(mapping, open.adapter.capabilities);
      made.set(open, interpreter);
      return interpreter;
    },
    /** While the local API is out of reach. */
    declared: once(() => declaredInterpreter(mapping)),
  };
};

const NO_CODES: readonly LocalCode[] = [];

type Answering = {
  readonly id: string;
  readonly disclosure: Disclosure;
  readonly local: LocalApi;
  /** Resolves once questions about diseases are read in no time. */
  readonly diseasesRead: () => Promise<unknown>;
  readonly interpreter: (open: OpenAdapter) => Interpreter;
  readonly releases: Releases;
};

/** All answers from one edition. @throws {BankError} BANK_GONE where it is not current, at the start or meanwhile */
const answersOf = async (
  { id, disclosure, local, diseasesRead, interpreter, releases: { serving, look } }: Answering,
  asOf: string,
  questions: readonly unknown[],
  signal: AbortSignal,
): Promise<Answers> => {
  const gone = (): BankError => new BankError("BANK_GONE", id, `wanted edition ${asOf.slice(0, 80)}, got another`);
  if (serving(asOf) === null) throw gone();
  const [open] = await Promise.all([local.open(signal), diseasesRead()]);
  // Opening may take until after a flip, which puts another adapter in use.
  const state = serving(asOf);
  if (state === null) throw gone();
  const { release, size } = state.about;
  const lookAgain = (): BankError => {
    look(NEVER).catch(() => undefined);
    return gone();
  };
  const { opened } = open.adapter;
  if (opened !== undefined && opened.id !== release.id) throw lookAgain();
  const answerWith = { interpreter: interpreter(open), size, count: open.count, disclosure };
  const answers = await open.use(() =>
    Promise.all(questions.map((question) => answer(question, answerWith, release, signal))),
  );
  if (answers.some((slot) => "failure" in slot && slot.failure.code === "BANK_GONE")) throw lookAgain();
  return { release, answers };
};
