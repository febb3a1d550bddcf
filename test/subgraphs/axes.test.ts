import { expect, test, vi } from "vitest";
import { FIELD_NAMES } from "../../schema/fields.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { readAxis } from "../../subgraphs/understand/axes.ts";
import { type Interpreter, interpreterOf } from "../../subgraphs/understand/interpret.ts";
import { keyOf } from "../../subgraphs/understand/predicates.ts";

const YAML = `id: small
name: Small Bank
contact: { name: Office, email: office@small.example }
size: { donors: 50, samples: 400 }
adapter: { kind: memory }
complete: [sex]
sex: { F: FEMALE, M: MALE }
disease: { a: ["ICD10:E10", "ICD10:E11"], b: "ICD10:C34" }
disclosure: { off: true }
`;
const able = { on: ["DONORS", "SAMPLES"], rest: true, several: true } as const;
const bank = (): Interpreter =>
  interpreterOf(parseMapping(YAML, "bank.yaml", {}), {
    counts: ["DONORS", "SAMPLES"],
    donors: { logic: "boolean" },
    samples: { logic: "boolean" },
    fields: Object.fromEntries(FIELD_NAMES.map((field) => [field, able])),
    facets: FIELD_NAMES,
  });
const axis = { field: "DISEASE", values: ["ICD10:E10", "ICD10:C34", "ICD10:A00", "ICD10:B00"] } as const;
const { signal } = new AbortController();

// Each breakdown by category read its two thousand values anew, listed their codes and joined them to keys.
test("the values of a breakdown are read once, and are the same objects for the next question", async () => {
  const interpreter = bank();
  const value = vi.spyOn(interpreter, "value");
  const first = await readAxis(axis, interpreter, signal);
  const second = await readAxis({ ...axis, values: [...axis.values] }, interpreter, signal);
  expect(value).toHaveBeenCalledTimes(axis.values.length);
  expect(second).toBe(first);
  const other = await readAxis({ ...axis, values: axis.values.slice(1) }, interpreter, signal);
  expect(other.all).toHaveLength(3);
  expect((await readAxis(axis, bank(), signal)).facet.inner).not.toBe(first.facet.inner);
});

test("values that a bank reads alike are one, and the key of a breakdown tells apart what its cells tell apart", async () => {
  const { all, distinct, facet } = await readAxis(axis, bank(), signal);
  expect(all.map(({ place }) => place)).toEqual([0, 1, 2, 2]);
  expect(distinct).toHaveLength(3);
  const { facet: turned } = await readAxis({ ...axis, values: [...axis.values].reverse() }, bank(), signal);
  const { facet: again } = await readAxis(axis, bank(), signal);
  expect(keyOf(facet.outer)).toBe(keyOf(again.outer));
  expect(keyOf(facet.outer)).not.toBe(keyOf(facet.inner));
  expect(keyOf(facet.outer)).not.toBe(keyOf(turned.outer));
  expect(keyOf([facet.inner])).not.toBe(keyOf([facet.outer]));
});
