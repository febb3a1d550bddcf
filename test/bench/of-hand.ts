import { NEVER } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Count } from "../../schema/count.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { Question } from "../../schema/wire/question.ts";
import { prepare } from "../../subgraphs/answer/prepare.ts";
import { beaconHand } from "./hand/beacon.ts";
import { fhirHand } from "./hand/fhir.ts";
import type { Span } from "./hand/hand.ts";
import { omopHand } from "./hand/omop.ts";
import { sqonHand } from "./hand/sqon.ts";
import { tabularHand } from "./hand/tabular.ts";
import { KIND_NAMES, type Kind, openAdapter, openSubgraphs, type Places } from "./house.ts";
import { askOne, questionFor } from "./questions.ts";
import { alternate, median, msPerCall } from "./rounds.ts";
import { type Typical, type TypicalName, typical, WORDS } from "./typical.ts";

const HANDS = { tabular: tabularHand, beacon: beaconHand, omop: omopHand, sqon: sqonHand, fhir: fhirHand } as const;
const ROUNDS = 5;
const AT_LEAST_MS = 20;
/** Processes that serve are warm, and the more code there is, the longer that takes. */
const WARM_MS = 500;

/** What one bank takes for the six typical questions, each as the hand's time by ours. */
export type OfHand = { readonly questions: { readonly [N in TypicalName]: number }; readonly median: number };
export type OfHands = { readonly [K in Kind]: OfHand };

/**
 * How near we come to the plain query that a good engineer would write by hand for the same server and the same data. All
 * must say the same before they are timed.
 * - `adapterOfHand`: the adapter, which translates local questions and counts them, with the checks of release and answer.
 * - `subgraphOfHand`: the bank's whole subgraph, which besides reads and plans the federated question, each time anew; the
 *   hand's query was written beforehand, by somebody who knew the data.
 */
export const ofHand = async (
  at: Places,
): Promise<{ readonly adapterOfHand: OfHands; readonly subgraphOfHand: OfHands }> => {
  const { registry, execute } = await openSubgraphs(at);
  await using _closing = registry;
  const adapters: [Kind, OfHand][] = [];
  const subgraphs: [Kind, OfHand][] = [];
  for (const kind of KIND_NAMES) {
    await using hand = await HANDS[kind](at[kind]);
    await using bank = await openAdapter(at, kind);
    const ratios: [TypicalName, Ratios][] = [];
    for (const [name, { where, facets }] of Object.entries(typical(WORDS[kind])) as [TypicalName, Typical][]) {
      const question = questionFor(registry, kind, where, facets);
      const ask = () => askOne(execute(kind), question);
      agree(name, spansOf(await ask()), await hand[name]());
      ratios.push([name, await compare(hand[name], await counting(question, bank), ask)]);
    }
    adapters.push([kind, summed(ratios, "adapter")]);
    subgraphs.push([kind, summed(ratios, "subgraph")]);
  }
  return {
    adapterOfHand: Object.fromEntries(adapters) as OfHands,
    subgraphOfHand: Object.fromEntries(subgraphs) as OfHands,
  };
};

type Ratios = { readonly adapter: number; readonly subgraph: number };
type Ask = () => Promise<unknown>;

/**
 * Counts what a question is planned as, equal local questions once: each time by objects that have not been counted with
 * just before.
 */
const counting = async (
  question: Question,
  { adapter, interpreter, release }: Awaited<ReturnType<typeof openAdapter>>,
): Promise<Ask> => {
  const planned = await Promise.all(
    Array.from({ length: COPIES }, async () => {
      const { questions } = await prepare(question, interpreter, NEVER);
      return [...new Map(questions.map((each) => [JSON.stringify(each), each])).values()];
    }),
  );
  let next = 0;
  return async () => {
    const outcomes = await adapter.count(planned[next++ % COPIES]!, release, NEVER);
    const failed = outcomes.find((outcome) => outcome instanceof BankError);
    if (failed !== undefined) throw failed;
  };
};
const COPIES = 64;

const compare = async (hand: Ask, adapter: Ask, subgraph: Ask): Promise<Ratios> => {
  for (const each of [hand, adapter, subgraph]) await msPerCall(each, WARM_MS);
  const ms = await alternate(ROUNDS, {
    hand: () => msPerCall(hand, AT_LEAST_MS),
    adapter: () => msPerCall(adapter, AT_LEAST_MS),
    subgraph: () => msPerCall(subgraph, AT_LEAST_MS),
  });
  return { adapter: ms.hand / ms.adapter, subgraph: ms.hand / ms.subgraph };
};

const summed = (ratios: readonly (readonly [TypicalName, Ratios])[], of: keyof Ratios): OfHand => ({
  questions: Object.fromEntries(ratios.map(([name, each]) => [name, each[of]])) as OfHand["questions"],
  median: median(ratios.map(([, each]) => each[of])),
});

const spansOf = ({ donors, samples, facets }: Answer): readonly Span[] => {
  const span = ({ min, max }: Count): Span => [min, max ?? Number.POSITIVE_INFINITY];
  const cells = facets.flatMap(({ cells: of }) => of);
  return [{ donors, samples }, ...cells].flatMap((counts) => [span(counts.donors), span(counts.samples)]);
};

/** Two intervals for one number must have something in common; two exact ones are then the same. */
const agree = (name: string, ours: readonly Span[], hand: readonly Span[]): void => {
  const apart = ours.findIndex(([min, max], at) => {
    const [least, most] = hand[at] ?? [Number.NaN, Number.NaN];
    return !(min <= most && least <= max);
  });
  if (apart < 0 && ours.length === hand.length) return;
  throw new Error(`${name}: wanted the same from both, got ours ${ours.join(" ")} and the hand's ${hand.join(" ")}`);
};
