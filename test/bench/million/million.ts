import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { NEVER } from "../../../net/signals.ts";
import { BankError } from "../../../schema/bank-error.ts";
import { canonical } from "../../../schema/canonical.ts";
import type { CellCounts } from "../../../schema/count.ts";
import { parseWhere } from "../../../schema/parse.ts";
import type { Question } from "../../../schema/wire/question.ts";
import { answer } from "../../../subgraphs/answer/answer.ts";
import { prepare } from "../../../subgraphs/answer/prepare.ts";
import { counter } from "../../../subgraphs/count/counter.ts";
import { disclosureOf } from "../../../subgraphs/disclose/disclose.ts";
import { readBank } from "../../../subgraphs/serve/open.ts";
import { interpreterOf } from "../../../subgraphs/understand/interpret.ts";
import { ownPostgres } from "../../postgres.ts";
import { alternate, msPerCall } from "../rounds.ts";
import { MILLION_QUESTIONS, type MillionQuestion } from "./hand.ts";
import { loadMillion, millionBank } from "./load.ts";

/** The hand's time by ours, for each question over a CDM of so many persons. */
export type OfMillion = { readonly persons: number; readonly questions: { readonly [name: string]: number } };

const ROUNDS = 3;

/**
 * How near the OMOP adapter comes to one plain statement that counts the same two ends, in a PostgreSQL of its own over a CDM of
 * `persons` in which nothing is warranted. Both must say the same before they are timed.
 */
export const ofMillion = async (persons: number): Promise<OfMillion> => {
  await using server = await ownPostgres();
  const url = await server.newDatabase();
  await loadMillion(url, persons);
  const client = new pg.Client(url);
  await client.connect();
  await client.query("SET jit = off; SET work_mem = '64MB'");
  const folder = await mkdtemp(path.join(tmpdir(), "million-"));
  try {
    const file = path.join(folder, "bank.yaml");
    await writeFile(file, millionBank(url));
    return { persons, questions: await ratios(file, client) };
  } finally {
    await client.end();
    await rm(folder, { recursive: true, force: true });
  }
};

const ratios = async (file: string, client: pg.Client): Promise<OfMillion["questions"]> => {
  const { mapping, openAdapter } = await readBank(file, process.env);
  await using adapter = await openAdapter(NEVER);
  const interpreter = interpreterOf(mapping, adapter.capabilities);
  const release = await adapter.release(NEVER);
  const parts = { interpreter, count: counter(adapter), disclosure: disclosureOf({ off: true }) };
  const found: [string, number][] = [];
  for (const [name, asked] of Object.entries(MILLION_QUESTIONS)) {
    const question = questionOf(asked);
    const hand = async () => (await client.query<unknown[]>({ text: asked.hand, rowMode: "array" })).rows;
    const told = await answer(question, parts, release, NEVER);
    if ("failure" in told) throw new Error(`${name}: ${told.failure.message}`);
    agree(name, [told, ...told.facets.flatMap(({ cells }) => cells)], await hand());
    const { questions } = await prepare(question, interpreter, NEVER);
    const once = [...new Map(questions.map((each) => [JSON.stringify(each), each])).values()];
    const ours = async () => {
      const failed = (await adapter.count(once, release, NEVER)).find((each) => each instanceof BankError);
      if (failed !== undefined) throw failed;
    };
    const ms = await alternate(ROUNDS, { hand: () => msPerCall(hand, 0), ours: () => msPerCall(ours, 0) });
    found.push([name, ms.hand / ms.ours]);
  }
  return Object.fromEntries(found);
};

const questionOf = ({ where, facets = [] }: MillionQuestion): Question => ({
  v: 1,
  where: canonical(parseWhere(where)).where,
  facets,
});

/** @throws {Error} where a number of ours is another than the hand's */
const agree = (name: string, ours: readonly CellCounts[], hand: readonly (readonly unknown[])[]): void => {
  const ends = ours.map(({ donors, samples }) => [donors.min, donors.max, samples.min, samples.max]);
  const wanted = hand.map((row) => row.map(Number));
  if (JSON.stringify(ends) === JSON.stringify(wanted)) return;
  throw new Error(
    `${name}: wanted the same from both, got ours ${ends.join(" | ")} and the hand's ${wanted.join(" | ")}`,
  );
};
