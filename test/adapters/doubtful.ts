import fc from "fast-check";
import type { LocalPredicate, LocalQuestion, LocalSelector, Test } from "../../adapters/local.ts";
import { FIELD_NAMES, FIELDS, isNumberField } from "../../schema/fields.ts";
import { anyQuestion } from "./arbitrary.ts";
import type { LocalDonor, LocalValues } from "./evaluate.ts";

/** The same donors, some of whom are in doubt, and so are some of their samples and of their records. */
export const withDoubt = (donors: readonly LocalDonor[]): readonly LocalDonor[] =>
  donors.map((donor, d) => ({
    ...donor,
    ...split(donor.values, d),
    isInDoubt: d % 5 === 0,
    samples: donor.samples.map((sample, s) => ({ ...sample, isInDoubt: (d + s) % 4 === 0 })),
  }));

const split = (values: LocalValues, d: number): Pick<LocalDonor, "values" | "inDoubt"> => {
  const part = (wanted: boolean) =>
    Object.fromEntries(
      FIELD_NAMES.flatMap((field) => {
        if (isNumberField(field)) return [];
        const isDoubtful = (place: number) => FIELDS[field].many && (d + place) % 3 === 0;
        return [[field, (values[field] ?? []).filter((_, place) => isDoubtful(place) === wanted)]];
      }),
    );
  return { values: part(false), inDoubt: part(true) };
};

/** Any question, where some tests and some samples are asked for by what may be, and others by what surely is. */
export const anyDoubtfulQuestion: fc.Arbitrary<LocalQuestion> = fc
  .tuple(anyQuestion, fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }))
  .map(([question, choices]) => {
    let asked = 0;
    const chosen = (): boolean => choices[asked++ % choices.length]!;
    const tested = <T extends Test>(test: T): T => (chosen() ? { ...test, doubt: true } : test);
    const sure = <T extends LocalPredicate | LocalSelector>(tree: T): T =>
      chosen() ? ({ op: "all", of: [tree, { op: "sure" }] } as unknown as T) : tree;
    const selector = (tree: LocalSelector): LocalSelector => {
      if (tree.op === "all" || tree.op === "any") return { op: tree.op, of: tree.of.map(selector) };
      if (tree.op === "not") return { op: "not", of: selector(tree.of) };
      return tree.op === "has" ? sure({ ...tree, test: tested(tree.test) }) : tree;
    };
    const predicate = (tree: LocalPredicate): LocalPredicate => {
      if (tree.op === "all" || tree.op === "any") return { op: tree.op, of: tree.of.map(predicate) };
      if (tree.op === "not") return { op: "not", of: predicate(tree.of) };
      if (tree.op === "sample") return { op: "sample", of: selector(tree.of) };
      return tree.op === "has" ? sure({ ...tree, test: tested(tree.test) }) : tree;
    };
    const by = question.by?.map(({ field, cells }) => ({ field, cells: cells.map(tested) }));
    return {
      ...question,
      donors: predicate(question.donors),
      samples: selector(question.samples),
      ...(by === undefined ? {} : { by: by as unknown as NonNullable<LocalQuestion["by"]> }),
    };
  });
