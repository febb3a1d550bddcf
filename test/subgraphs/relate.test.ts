import { expect, test } from "vitest";
import type { Range } from "../../adapters/local.ts";
import { canonical } from "../../schema/canonical.ts";
import { parseWhere } from "../../schema/parse.ts";
import { leastSamples, relate } from "../../subgraphs/answer/relate.ts";

const DNA = { sample: { type: ["DNA"] } };
const PLASMA = { sample: { type: ["PLASMA"] } };
const least = (where: object): number => leastSamples(canonical(parseWhere(where)).expr);

test.for([
  [{}, 0],
  [{ sex: ["FEMALE"] }, 0],
  [DNA, 1],
  [{ all: [DNA, PLASMA] }, 2],
  [{ any: [DNA, { sex: ["FEMALE"] }] }, 0],
  [{ not: DNA }, 0],
  [{ all: [DNA, { sample: { type: ["DNA", "PLASMA"] } }] }, 1],
  // The plasma sample may be the very one that was collected at 40: a sample without a type of its own is no further one.
  [{ all: [PLASMA, { sample: { ageAtCollection: { from: 40 } } }] }, 1],
  [{ all: [DNA, PLASMA, { sample: { ageAtCollection: { from: 40 } } }] }, 2],
  [{ sample: {} }, 1],
] as const)("%j gives each donor at least %i of the samples counted", ([where, expected]) => {
  expect(least(where)).toBe(expected);
});

const range = (min: number, max: number | null): Range => ({ min, max });

test.for([
  ["few samples", 2, 40, [10, 20, 0, 100], [10, 20, 20, 100]],
  ["few donors", 2, 40, [0, 50, 81, 90], [3, 45, 81, 90]],
  ["no upper end", 0, undefined, [0, 5, 1, null], [1, 5, 1, null]],
  ["no donors", 0, undefined, [0, 0, 0, 9], [0, 0, 0, 0]],
  ["no samples", 1, undefined, [0, 9, 0, 0], [0, 0, 0, 0]],
] as const)("donors and samples bound each other: %s", ([, leastEach, most, given, expected]) => {
  const [dMin, dMax, sMin, sMax] = given;
  const related = relate({ donors: range(dMin, dMax), samples: range(sMin, sMax) }, leastEach, most);
  expect([related.donors, related.samples]).toEqual([range(expected[0], expected[1]), range(expected[2], expected[3])]);
});
