import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { NOT_RECORDED } from "../../schema/fields.ts";
import { ROOT } from "../house/source.ts";
import { cases } from "../law/case.ts";
import { checkLaw, loadProduct, type Product, type Seen } from "../law/law.ts";
import { olderProduct, REMOVED } from "./older.ts";

const RUNS = Number(process.env["LAW_RUNS"] ?? 2_000);

const { root, remove } = await olderProduct("law");
afterAll(remove);

const isRemoved = (field: string, value: string): boolean =>
  field in REMOVED.fields ||
  (value !== NOT_RECORDED && (REMOVED.values as { [field: string]: string })[field] === value);

/** A gateway of this version with a subgraph of the older one: the bank's mapping is what the older one can say. */
const twoVersions = async (): Promise<Product> => {
  const [newer, older] = await Promise.all([loadProduct(ROOT), loadProduct(root)]);
  return {
    ...older,
    parseWhere: newer.parseWhere,
    canonical: newer.canonical,
    mappingOf: (yaml) => older.mappingOf(sayable(yaml as Yaml) as typeof yaml),
    interpreterOf: (...given) => {
      const interpreter = older.interpreterOf(...given);
      return {
        ...interpreter,
        // The law asks it for a verdict of each cell: the older version has none of its own for what it does not know.
        value: (field, value) =>
          isRemoved(field, value) ? interpreter.value("STORAGE", NOT_RECORDED) : interpreter.value(field, value),
      };
    },
  };
};

type Yaml = { readonly [key: string]: unknown; readonly complete: readonly string[] };
const VALUES = [
  ["sex", REMOVED.values.SEX],
  ["sampleType", REMOVED.values.SAMPLE_TYPE],
] as const;

/** Without sections of fields that are removed, and without codes that mean a removed value. */
const sayable = (yaml: Yaml): Yaml => {
  const kept: { [key: string]: unknown; complete: readonly string[] } = { ...yaml };
  for (const key of Object.values(REMOVED.fields)) delete kept[key];
  for (const [key, value] of VALUES) {
    if (kept[key] === undefined) continue;
    const codes = Object.entries(kept[key] as object).filter(([, meaning]) => !JSON.stringify(meaning).includes(value));
    if (codes.length === Object.keys(kept[key] as object).length) continue;
    if (codes.length === 0) delete kept[key];
    else kept[key] = Object.fromEntries(codes);
    kept.complete = kept.complete.filter((complete) => complete !== key);
  }
  return kept;
};

test(`the law holds for ${RUNS} questions of a newer gateway to an older subgraph`, {
  timeout: 60_000 + RUNS * 20,
}, async () => {
  const product = await twoVersions();
  const seen: Seen = { numbers: 0, exact: 0, positive: 0, open: 0 };
  await fc.assert(
    fc.asyncProperty(cases, (given) => checkLaw(product, given, seen)),
    { numRuns: RUNS, seed: 20_261_122, endOnFailure: false },
  );
  expect(seen.positive / seen.numbers).toBeGreaterThan(0.3);
  expect(seen.exact / seen.numbers).toBeGreaterThan(0.2);
});
