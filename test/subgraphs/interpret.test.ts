import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { icd10Chapters } from "../../schema/codes/icd10.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { declaredInterpreter } from "../../subgraphs/serve/declared-interpreter.ts";
import type { Interpretation } from "../../subgraphs/understand/interpret.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const BANK = `
id: bank
name: Bank
contact: { name: Office, email: office@bank.example }
size: {}
adapter: { kind: none }
complete: [disease]
disease: { system: ICD10, spelling: plain }
disclosure: { off: true }
`;

// The last 20,000 readings were kept, however large: those of a bank that codes in ORPHA would have come to more than a gigabyte.
test("what is remembered of readings is bounded by what it takes", async () => {
  const interpreter = declaredInterpreter(parseMapping(BANK, "bank.yaml", {}));
  const half = (start: number, step: number): readonly string[] =>
    icd10Chapters.flatMap((chapter, i) => ((i * step + start) % 22 < 11 ? [`ICD10:${chapter}`] : []));
  const asked = [1, 3, 5, 7, 9].flatMap((step) => Array.from({ length: 22 }, (_, start) => half(start, step)));
  const readings = asked.map((codes) => new WeakRef<Interpretation>(interpreter.values("DISEASE", codes, true)));
  expect(interpreter.values("DISEASE", asked.at(-1)!, true)).toBe(readings.at(-1)!.deref());
  await setImmediate();
  collect();
  const bytes = readings.map((ref) => {
    const { local } = ref.deref() ?? { local: [] };
    // The codes of both ends and of the bank's own, a reference each.
    return 3 * 8 * local.length;
  });
  const sum = bytes.reduce((a, b) => a + b);
  expect(sum).toBeGreaterThan(2 ** 20);
  expect(sum).toBeLessThan(4 * 2 ** 20);
});
