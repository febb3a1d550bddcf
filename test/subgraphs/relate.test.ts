import { expect, test } from "vitest";
import { canonical } from "../../schema/canonical.ts";
import type { Count } from "../../schema/count.ts";
import { parseWhere } from "../../schema/parse.ts";
import { leastSamples, relate } from "../../subgraphs/count/relate.ts";

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

const count = (min: number, max: number | null): Count => ({ min, max, because: min === max ? [] : ["SAME_SAMPLE"] });

test("donors and samples bound each other", () => {
  expect(relate({ donors: count(10, 20), samples: count(0, 100) }, 2, 40)).toEqual({
    donors: count(10, 20),
    samples: count(20, 100),
  });
  expect(relate({ donors: count(0, 50), samples: count(81, 90) }, 2, 40)).toEqual({
    donors: count(3, 45),
    samples: count(81, 90),
  });
  expect(relate({ donors: count(0, 5), samples: count(1, null) }, 0, undefined)).toEqual({
    donors: count(1, 5),
    samples: count(1, null),
  });
  expect(relate({ donors: count(0, 0), samples: count(0, 9) }, 0, undefined)).toEqual({
    donors: count(0, 0),
    samples: count(0, 0),
  });
  expect(relate({ donors: count(0, 9), samples: count(0, 0) }, 1, undefined)).toEqual({
    donors: count(0, 0),
    samples: count(0, 0),
  });
});
