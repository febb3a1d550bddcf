import fc from "fast-check";
import type { LocalFacet, LocalPredicate, LocalQuestion, LocalSelector, Test } from "../../adapters/local.ts";
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
    let taken = 0;
    const chosen = (): boolean => choices[taken++ % choices.length]!;
    const tested = <T extends Test>(test: T): T => (chosen() ? { ...test, doubt: true } : test);
    const selector = (tree: LocalSelector): LocalSelector => {
      if (tree.op === "all" || tree.op === "any") return { op: tree.op, of: tree.of.map(selector) };
      if (tree.op === "not") return { op: "not", of: selector(tree.of) };
      if (tree.op !== "has") return tree;
      const leaf: LocalSelector = { ...tree, test: tested(tree.test) };
      return chosen() ? { op: "all", of: [leaf, { op: "sure" }] } : leaf;
    };
    const predicate = (tree: LocalPredicate): LocalPredicate => {
      if (tree.op === "all" || tree.op === "any") return { op: tree.op, of: tree.of.map(predicate) };
      if (tree.op === "not") return { op: "not", of: predicate(tree.of) };
      if (tree.op === "sample") return { op: "sample", of: selector(tree.of) };
      if (tree.op !== "has") return tree;
      const leaf: LocalPredicate = { ...tree, test: tested(tree.test) };
      return chosen() ? { op: "all", of: [leaf, { op: "sure" }] } : leaf;
    };
    const facet = ({ field, cells }: LocalFacet): LocalFacet => ({ field, cells: cells.map(tested) });
    const asked = { donors: predicate(question.donors), samples: selector(question.samples) };
    const [first, second] = question.by ?? [];
    if (first === undefined) return asked;
    return { ...asked, by: second === undefined ? [facet(first)] : [facet(first), facet(second)] };
  });
