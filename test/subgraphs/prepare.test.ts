import { expect, test } from "vitest";
import type { Capabilities, LocalCounts } from "../../adapters/local.ts";
import { discloseAsCounted } from "../../subgraphs/disclose.ts";
import { mappingOf } from "../../subgraphs/mapping.ts";
import { prepare } from "../../subgraphs/prepare.ts";
import { fieldReader } from "../../subgraphs/read-field.ts";
import { yamlOf } from "../law/world.ts";

const logic = { logic: "boolean" } as const;
const capabilities: Capabilities = {
  counts: ["DONORS", "SAMPLES"],
  donors: logic,
  samples: logic,
  fields: { COLLECTED_YEAR: { on: ["DONORS", "SAMPLES"], rest: true, several: true } },
  facets: [],
};
const readerOf = () => fieldReader(mappingOf(yamlOf(1).yaml), capabilities);
const everybody = { v: 1, where: {}, facets: [] } as const;
const counts = (donors: number, samples: number): LocalCounts => ({
  donors: { min: donors, max: donors },
  samples: { min: samples, max: samples },
});

test("a question that comes again is put as before, and answered by what is counted now and by the bounds of now", () => {
  const reader = readerOf();
  const [first, again] = [prepare(everybody, reader), prepare({ ...everybody }, reader)];
  expect(again).toBe(first);
  const read = (n: number, size: number) => {
    const outcomes = again.questions.map(() => counts(n, n));
    const { donors, samples } = again.read({
      outcomes,
      size: { donors: size, samples: size },
      disclose: discloseAsCounted,
    });
    return [donors.min, samples.min];
  };
  expect(read(3, 10)).toEqual([3, 3]);
  expect(read(5, 10)).toEqual([5, 5]);
  expect(() => read(5, 4)).toThrow(/warrants/);
});

test("another reader has plans of its own, since its local API may say other things", () => {
  expect(prepare(everybody, readerOf())).not.toBe(prepare(everybody, readerOf()));
});

test("what is kept is bounded: of many questions the first is prepared anew", () => {
  const reader = readerOf();
  const first = prepare(everybody, reader);
  const values = Array.from({ length: 100 }, (_, n) => String(1950 + n));
  // A cell is at least one local question, and ten thousand are kept.
  for (let from = 0; from < 150; from += 1) {
    const where = { sample: { collectedYear: { from } } };
    prepare({ v: 1, where, facets: [{ by: { field: "COLLECTED_YEAR", values } }] }, reader);
  }
  expect(prepare(everybody, reader)).not.toBe(first);
});
