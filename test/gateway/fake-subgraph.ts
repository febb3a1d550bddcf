import { randomBytes } from "node:crypto";
import { buildSchema, GraphQLScalarType } from "graphql";
import pino, { type Logger } from "pino";
import { type Answers, createAnswers } from "../../cache/answers.ts";
import { sealWith } from "../../cache/seal.ts";
import { unlimited } from "../../gateway/fairness/fairness.ts";
import { snapshotTokens } from "../../gateway/search/snapshot.ts";
import { realClock } from "../../net/clock.ts";
import { type CellCounts, type Count, exactCount } from "../../schema/count.ts";
import { SUBGRAPH_SDL } from "../../schema/sdl.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { Failed } from "../../schema/wire/failure.ts";
import type { Lease } from "../../schema/wire/lease.ts";
import type { Question } from "../../schema/wire/question.ts";
import type { Reading } from "../../schema/wire/reading.ts";
import type { Subgraph } from "../../subgraphs/serve/subgraph.ts";
import { inProcess } from "./in-process.ts";

/** What a fake bank says; what is left out is a bank of 100 donors and 500 samples that counts 10 donors and 20 samples. */
export type Script = {
  readonly size?: {
    readonly donors: number | null;
    readonly samples: number | null;
    readonly enrolmentsPerPerson: number;
  };
  readonly state?: string;
  readonly centres?: readonly string[];
  readonly programmes?: readonly string[];
  readonly release?: () => unknown;
  readonly self?: () => void;
  readonly answers?: (question: Question, signal: AbortSignal) => unknown;
  readonly lease?: () => unknown;
  readonly readings?: (questions: readonly Question[]) => unknown;
};

/** A subgraph that says what its script says, and remembers what it was asked. */
export type FakeSubgraph = Subgraph & {
  readonly asked: { readonly field: "self" | "readings" | "answers"; readonly question?: Question }[];
  readonly disposed: () => boolean;
};

export const fakeSubgraph = (id: string, script: Script = {}): FakeSubgraph => {
  const asked: FakeSubgraph["asked"] = [];
  let disposed = false;
  const schema = buildSchema(SUBGRAPH_SDL);
  const fields = schema.getQueryType()!.getFields();
  const json = schema.getType("JSON");
  if (json instanceof GraphQLScalarType) json.serialize = (value) => value;
  fields["self"]!.resolve = () => {
    asked.push({ field: "self" });
    script.self?.();
    return self(id, script);
  };
  fields["readings"]!.resolve = (_, { questions }: { questions: readonly Question[] }) => {
    for (const question of questions) asked.push({ field: "readings", question });
    return script.readings ? script.readings(questions) : questions.map(reading);
  };
  fields["lease"]!.resolve = () => (script.lease ? script.lease() : lease(id, script));
  fields["answers"]!.resolve = (_, { questions: [question] }, { signal }) => {
    asked.push({ field: "answers", question });
    return script.answers ? script.answers(question, signal) : answered(id, answer(question));
  };
  return {
    id,
    schema,
    asked,
    disposed: () => disposed,
    async [Symbol.asyncDispose]() {
      disposed = true;
    },
  };
};

/** One answer from the bank's release 1. */
export const answered = (bank: string, slot: object): object => ({
  release: { id: `${bank}@1`, date: "2026-04-01", kind: "ANNOUNCED" },
  answers: [slot],
});

/** The bank's release 1, current for five seconds. */
export const lease = (bank: string, { size }: Pick<Script, "size"> = {}, changes: Partial<Lease> = {}): Lease => ({
  edition: { name: "1-fake", ordinal: 1, purges: 0 },
  release: { id: `${bank}@1`, date: "2026-04-01", kind: "ANNOUNCED" },
  size: size === undefined ? { donors: 100, samples: 500 } : { donors: size.donors, samples: size.samples },
  leaseMs: 5000,
  staleMs: 86_400_000,
  ...changes,
});

/** What a gateway over these banks needs beside its settings: memory, keys of its own, and no limits on askers. */
export const gatewayOf = (banks: readonly Subgraph[]) => ({
  banks: banks.map((bank) => inProcess(bank)),
  answers: answersInMemory(),
  tokens: snapshotTokens(randomBytes(32)),
  fairness: unlimited(),
});

/** A cache without a shared level. */
export const answersInMemory = (): Answers =>
  createAnswers({ clock: realClock, maxBytes: 2 ** 24, seal: sealWith(randomBytes(32)), alarm: () => undefined });

/** The same counts for the total and for every cell. */
export const answer = (
  question: Question,
  donors: Count = exactCount(10),
  samples: Count = exactCount(20),
): Answer => ({
  donors,
  samples,
  understanding: reading(question).understanding,
  facets: question.facets.map(({ by, across }) => ({
    cells: by.values.flatMap(() => (across?.values ?? [""]).map((): CellCounts => ({ donors, samples }))),
  })),
});

/** As failures travel. */
export const failure = (code: string, retryAfterMs: number | null = null): Failed & { readonly release: null } => ({
  release: null,
  failure: { code, message: `[fake] secret detail: wanted an answer, got ${code}`, retryAfterMs },
});

export const reading = ({ where }: Question): Reading => ({
  understanding:
    "sex" in where
      ? [{ path: "sex", field: "SEX", verdict: "EXACT", local: [], says: { en: "As it is.", ja: "そのまま。" } }]
      : [],
  lostFacets: [],
});

const both = (text: string) => ({ en: text, ja: `${text}（日本語）` });

const self = (id: string, { size, state = "LIVE", centres = [], programmes = [], release }: Script) => ({
  id,
  name: both(`Bank ${id}`),
  contact: { name: both("Office"), email: `office@${id}.example` },
  access: { eligible: ["JP_ACADEMIA"] },
  size: size ?? { donors: 100, samples: 500, enrolmentsPerPerson: 1 },
  centres: centres.map((centre) => ({ id: centre, name: both(`Centre ${centre}`) })),
  adapter: "fake",
  state,
  capabilities: {
    counts: ["DONORS", "SAMPLES"],
    sameSample: true,
    fields: [
      {
        field: "PROGRAMME",
        verdict: "EXACT",
        facet: true,
        systems: ["PROGRAMME"],
        values: programmes.map((value) => ({ value: { value, label: both(value) }, verdict: "EXACT" })),
      },
    ],
  },
  disclosure: { threshold: null, zeroShown: true, spread: 0, says: both("Off.") },
  release: release ?? { id: `${id}@1`, bank: id, date: "2026-04-01", kind: "ANNOUNCED" },
});

/** A log that keeps its lines. */
export const memoryLog = (): { readonly log: Logger; readonly lines: { readonly [key: string]: unknown }[] } => {
  const lines: { readonly [key: string]: unknown }[] = [];
  const log = pino({ level: "debug", base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  return { log, lines };
};
