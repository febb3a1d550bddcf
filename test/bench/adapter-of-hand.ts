import type { BankExecutor } from "../../gateway/banks/executor.ts";
import type { AnswerJson, Count, QuestionJson } from "../../schema/answer.ts";
import { beaconHand } from "./hand/beacon.ts";
import { fhirHand } from "./hand/fhir.ts";
import type { Hand, Span } from "./hand/hand.ts";
import { omopHand } from "./hand/omop.ts";
import { sqonHand } from "./hand/sqon.ts";
import { tabularHand } from "./hand/tabular.ts";
import { KIND_NAMES, type Kind, openSubgraphs, type Places } from "./house.ts";
import { askOne, questionFor } from "./questions.ts";
import { alternate, median, msPerCall } from "./rounds.ts";
import { TYPICAL_NAMES, type TypicalName, typical, WORDS } from "./typical.ts";

const HANDS = { tabular: tabularHand, beacon: beaconHand, omop: omopHand, sqon: sqonHand, fhir: fhirHand } as const;
const ROUNDS = 5;
const AT_LEAST_MS = 20;
/** Processes that serve are warm, and the more code there is, the longer that takes. */
const WARM_MS = 500;

/** What one kind of adapter takes for the six typical questions, each as the hand's time by ours. */
export type OfHand = { readonly questions: { readonly [N in TypicalName]: number }; readonly median: number };

/**
 * How near a bank's subgraph (reading, planning, release, counting) comes to the plain query that a good engineer would
 * write by hand for the same server and the same data. Both sides must say the same before they are timed. Ours reads and
 * plans its question each time; the hand's was written beforehand.
 */
export const adapterOfHand = async (at: Places): Promise<{ readonly [K in Kind]: OfHand }> => {
  const { registry, execute } = await openSubgraphs(at);
  await using _closing = registry;
  const measured: [Kind, OfHand][] = [];
  for (const kind of KIND_NAMES) {
    await using hand = await HANDS[kind](at[kind]);
    const questions: [TypicalName, number][] = [];
    for (const [name, { where, facets }] of Object.entries(typical(WORDS[kind]))) {
      const question = questionFor(registry, kind, where, facets);
      questions.push([name as TypicalName, await compare(hand, name as TypicalName, execute(kind), question)]);
    }
    const ratios = Object.fromEntries(questions) as OfHand["questions"];
    measured.push([kind, { questions: ratios, median: median(TYPICAL_NAMES.map((name) => ratios[name])) }]);
  }
  return Object.fromEntries(measured) as { readonly [K in Kind]: OfHand };
};

const compare = async (
  hand: Hand,
  name: TypicalName,
  execute: BankExecutor,
  question: QuestionJson,
): Promise<number> => {
  agree(name, spansOf(await askOne(execute, question)), await hand[name]());
  await msPerCall(() => askOne(execute, question), WARM_MS);
  await msPerCall(hand[name], WARM_MS);
  const { a: ours, b: theirs } = await alternate(
    ROUNDS,
    () => msPerCall(() => askOne(execute, question), AT_LEAST_MS),
    () => msPerCall(hand[name], AT_LEAST_MS),
  );
  return theirs / ours;
};

const spansOf = ({ donors, samples, facets }: AnswerJson): readonly Span[] => {
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
