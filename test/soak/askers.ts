import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { type Random, random } from "../law/domain.ts";
import {
  type Asked,
  AVAILABILITY,
  type BankShown,
  faultsOf,
  SEARCH,
  type SearchShown,
  saidBy,
  type Token,
  tokenOf,
  totalsWrong,
} from "./answers.ts";
import { BANKS, type Timelines } from "./chaos.ts";
import type { Counsel } from "./counsel.ts";
import { MALFORMED, type Question, questionsFrom } from "./questions.ts";

/** What the askers saw. */
export type Seen = {
  questions: number;
  readonly kinds: { [kind: string]: number };
  readonly statuses: { [status: string]: number };
  numbers: number;
  positive: number;
  exact: number;
  wrong: string[];
  wrongs: number;
  /** Silent although nothing was done to the bank. */
  uncaused: number;
  http5xx: number;
  errors: string[];
  readonly tookMs: number[];
  /** By how much an answer came after its question's deadline. */
  lateMs: number;
};

export type AskersOptions = {
  readonly url: string;
  readonly seed: number;
  readonly askers: number;
  readonly timelines: Timelines;
  readonly counsel: Counsel;
};

/** Asks until the signal, then lets what runs end. */
export type Askers = AsyncDisposable & { readonly seen: Seen; readonly run: (signal: AbortSignal) => Promise<void> };

const THREE =
  "query($where: Where!) { a: search(where: $where) { id } b: search(where: { not: $where }) { id } c: search(where: {}) { id } }";
const MOST_WAITING = 100;
const KEPT = 50;
const SHOWN = 20;

export const openAskers = ({ url, seed, askers, timelines, counsel }: AskersOptions): Askers => {
  const seen: Seen = {
    ...{ questions: 0, kinds: {}, statuses: {}, numbers: 0, positive: 0, exact: 0, wrong: [], wrongs: 0, uncaused: 0 },
    ...{ http5xx: 0, errors: [], tookMs: [], lateMs: 0 },
  };
  const agent = new Agent({ connections: 4 * askers, headersTimeout: 90_000 });
  const questions = questionsFrom(seed);
  const recent: Question[] = [];
  const tokens: Token[] = [];
  const judging = new Set<Promise<void>>();

  const complain = (what: string, found: readonly string[]): void => {
    seen.wrongs += found.length;
    seen.wrong.push(...found.slice(0, SHOWN - seen.wrong.length).map((each) => `${each}\n    ${what}`));
  };
  const count = (of: { [name: string]: number }, name: string): void => {
    of[name] = (of[name] ?? 0) + 1;
  };
  const send = async (
    body: string,
    { headers = {}, signal }: { headers?: { readonly [name: string]: string } | undefined; signal?: AbortSignal } = {},
  ): Promise<{ readonly status: number; readonly text: string }> => {
    const response = await request(`${url}/graphql`, {
      method: "POST",
      dispatcher: agent,
      headers: { "content-type": "application/json", ...headers },
      body,
      signal: signal ?? null,
    });
    const text = await response.body.text();
    if (response.statusCode >= 500) seen.http5xx += 1;
    return { status: response.statusCode, text };
  };
  const dataOf = async <T>(query: string, variables: object): Promise<T> => {
    const { status, text } = await send(JSON.stringify({ query, variables }));
    const { data, errors } = JSON.parse(text) as { readonly data: T; readonly errors?: unknown };
    if (status !== 200 || errors !== undefined)
      throw new Error(`wanted an answer, got ${status} ${text.slice(0, 300)} to ${JSON.stringify(variables)}`);
    return data;
  };

  const check = (
    question: Question,
    shown: readonly BankShown[],
    asked: Asked,
    found: readonly string[] = [],
  ): void => {
    const what = JSON.stringify({ ...question, ms: Math.round(asked.to - asked.from) });
    complain(what, found);
    for (const bank of shown) {
      count(seen.statuses, bank.status);
      const { wrong, uncaused } = faultsOf(bank, asked, timelines);
      complain(what, wrong);
      if (uncaused) seen.uncaused += 1;
    }
    const said = { where: question.where, banks: shown.map((bank) => saidBy(bank, asked, timelines)) };
    const judged = counsel.verdict(said).then((verdict) => {
      seen.numbers += verdict.numbers;
      seen.positive += verdict.positive;
      seen.exact += verdict.exact;
      complain(what, verdict.wrong);
      judging.delete(judged);
    });
    judging.add(judged);
    judged.catch((error: unknown) => seen.errors.push(String(error)));
  };

  const next = (r: Random): Question => {
    const again = recent.length > 0 && r.chance(0.4);
    const question = again ? r.pick(recent) : questions.next().value;
    if (!again) recent.push(question);
    if (recent.length > KEPT) recent.shift();
    return question;
  };
  const facetsOf = ({ facets }: Question) => (facets.length === 0 ? null : facets);

  const search = async (
    r: Random,
    more: { snapshot?: Token | undefined; notBefore?: Token | undefined },
  ): Promise<void> => {
    const question = next(r);
    const deadlineMs = r.chance(0.15) ? r.pick([300, 1000, 10_000]) : null;
    const { where } = question;
    const variables = {
      ...{ where, facets: facetsOf(question), deadlineMs },
      ...{ snapshot: more.snapshot?.token ?? null, notBefore: more.notBefore?.token ?? null },
    };
    const from = performance.now();
    const { search: shown } = await dataOf<{ readonly search: SearchShown }>(SEARCH, variables);
    const asked = { from, to: performance.now(), ...more };
    seen.tookMs.push(asked.to - from);
    seen.lateMs = Math.max(seen.lateMs, asked.to - from - (deadlineMs ?? 5000));
    check(question, shown.banks, asked, totalsWrong(shown));
    const token = tokenOf(shown, asked, timelines);
    if (token.banks.size > 0) tokens.push(token);
    if (tokens.length > KEPT) tokens.shift();
  };

  const ways: { readonly [kind: string]: (r: Random) => Promise<void> } = {
    search: (r) => search(r, {}),
    snapshot: (r) => search(r, { snapshot: tokens.length > 0 ? r.pick(tokens) : undefined }),
    notBefore: (r) => search(r, { notBefore: tokens.length > 0 ? r.pick(tokens) : undefined }),
    async availability(r) {
      const question = next(r);
      const from = performance.now();
      const variables = { id: r.pick(BANKS), where: question.where, facets: facetsOf(question) };
      const { bank } = await dataOf<{ readonly bank: { readonly availability: BankShown } }>(AVAILABILITY, variables);
      check(question, [bank.availability], { from, to: performance.now() });
    },
    async cancelled(r) {
      const { where } = next(r);
      const left = new AbortController();
      const answering = send(JSON.stringify({ query: SEARCH, variables: { where } }), { signal: left.signal });
      const timer = setTimeout(() => left.abort(), r.int(1, 300));
      await answering.catch((error: unknown) => {
        if (!left.signal.aborted) throw error;
      });
      clearTimeout(timer);
    },
    async malformed(r) {
      const { body, headers, status } = r.pick(MALFORMED);
      const got = await send(body, { headers });
      if (got.status !== status) complain(body.slice(0, 100), [`wanted ${status}, got ${got.status} ${got.text}`]);
    },
    async reads(r) {
      const { where } = next(r);
      await r.pick([
        () => dataOf("{ banks { id release { id } } }", {}),
        () => dataOf(THREE, { where }),
        () =>
          dataOf("query($where: Where!) { reading(where: $where) { banks { understanding { verdict } } } }", { where }),
        () => dataOf('{ concepts(text: "diabetes") { code banks { verdict } } fields { field values { value } } }', {}),
      ])();
    },
  };
  const usual = [
    "search",
    "search",
    "search",
    "search",
    "search",
    "search",
    "search",
    "search",
    "search",
    "availability",
  ];
  const kinds = [...usual, "snapshot", "notBefore", "cancelled", "malformed", "reads"];

  const asker = async (r: Random, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      while (counsel.waiting() > MOST_WAITING) await sleep(20);
      const kind = r.pick(kinds);
      seen.questions += 1;
      count(seen.kinds, kind);
      try {
        await ways[kind]!(r);
      } catch (error) {
        if (seen.errors.length < SHOWN) seen.errors.push(`${kind}: ${(error as Error).stack}`);
      }
    }
  };
  return {
    seen,
    async run(signal) {
      await Promise.all(Array.from({ length: askers }, (_, i) => asker(random(seed * 1009 + i), signal)));
      await Promise.allSettled([...judging]);
    },
    [Symbol.asyncDispose]: () => agent.close(),
  };
};
