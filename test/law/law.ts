import type { Capabilities } from "../../adapters/local.ts";
import type * as BankErrorModule from "../../schema/bank-error.ts";
import type * as CanonicalModule from "../../schema/canonical.ts";
import type { CellCounts, Count } from "../../schema/count.ts";
import type * as ParseModule from "../../schema/parse.ts";
import type { Question } from "../../schema/wire/question.ts";
import type * as AnswerModule from "../../subgraphs/answer/answer.ts";
import type * as CounterModule from "../../subgraphs/count/counter.ts";
import type * as DiscloseModule from "../../subgraphs/disclose/disclose.ts";
import type * as MappingModule from "../../subgraphs/mapping/mapping.ts";
import type * as InterpretModule from "../../subgraphs/understand/interpret.ts";
import { truthOf } from "../oracle.ts";
import { apiOf, type Case } from "./case.ts";
import { memoryAdapter, RELEASE } from "./memory-adapter.ts";
import { worldOf, yamlOf } from "./world.ts";

/** The parts of the product that the law speaks of; a mutant is the same parts with a fault in one of them. */
export type Product = Pick<typeof ParseModule, "parseWhere"> &
  Pick<typeof CanonicalModule, "canonical"> &
  Pick<typeof MappingModule, "mappingOf"> &
  Pick<typeof InterpretModule, "interpreterOf"> &
  Pick<typeof CounterModule, "counter"> &
  Pick<typeof DiscloseModule, "disclosureOf"> &
  Pick<typeof AnswerModule, "answer"> &
  Pick<typeof BankErrorModule, "BankError">;

/** Loads the product from its folders, or from a copy of them. */
export const loadProduct = async (root: string): Promise<Product> => {
  const load = async <T>(file: string): Promise<T> => (await import(/* @vite-ignore */ `${root}/${file}`)) as T;
  const [parse, canonical, mapping, interpreter, counter, disclose, answer, error] = await Promise.all([
    load<typeof ParseModule>("schema/parse.ts"),
    load<typeof CanonicalModule>("schema/canonical.ts"),
    load<typeof MappingModule>("subgraphs/mapping/mapping.ts"),
    load<typeof InterpretModule>("subgraphs/understand/interpret.ts"),
    load<typeof CounterModule>("subgraphs/count/counter.ts"),
    load<typeof DiscloseModule>("subgraphs/disclose/disclose.ts"),
    load<typeof AnswerModule>("subgraphs/answer/answer.ts"),
    load<typeof BankErrorModule>("schema/bank-error.ts"),
  ]);
  return { ...parse, ...canonical, ...mapping, ...interpreter, ...counter, ...disclose, ...answer, ...error };
};

export type Seen = { numbers: number; exact: number; positive: number; open: number };

/**
 * The law (DESIGN.md section 5) for one case: for donors and samples, totals and cells, min <= truth <= max; and min = max
 * where every verdict is EXACT (or NOT_COLLECTED, an exact 0) and the local API has no limit. Throws where it is broken.
 */
export const checkLaw = async (product: Product, given: Case, seen: Seen): Promise<void> => {
  const { yaml, system } = yamlOf(given.mapping);
  const own = product.mappingOf(yaml);
  const mapping = system
    ? { ...own, fields: { ...own.fields, DISEASE: systemDisease(product, yaml.complete.includes("disease")) } }
    : own;
  const { capabilities, joins, blur } = apiOf(given.api, mapping);
  const { recorded, world } = worldOf(given.donors, mapping, system, capabilities);
  const tree = capabilities.fields.DISEASE?.tree;
  const trees = tree === undefined ? {} : { DISEASE: tree };
  const unsupported = (message: string) => new product.BankError("BANK_UNSUPPORTED", "memory", message);
  const adapter = memoryAdapter(recorded, capabilities, trees, joins, blur, unsupported);
  const interpreter = product.interpreterOf(mapping, capabilities);
  const { where, criteria } = product.canonical(product.parseWhere(given.where));
  const question: Question = { v: 1, where, facets: given.facets };
  const parts = { interpreter, count: product.counter(adapter), disclosure: product.disclosureOf({ off: true }) };
  const found = await product.answer(question, parts, RELEASE, new AbortController().signal);
  if ("failure" in found) throw new Error(`no answer: ${found.failure.message}`);

  const strong = hasNoLimit(capabilities) && blur.kind === "exact";
  const exactly = strong && found.understanding.every(({ verdict }) => isExact(verdict));
  if (found.understanding.length !== criteria.length) throw new Error("wanted one understanding for each criterion");
  compare("total", found, truthOf(world, given.where), exactly, seen);
  given.facets.forEach((facet, f) => {
    const columns = facet.across?.values ?? [null];
    facet.by.values.forEach((row, i) => {
      columns.forEach((column, j) => {
        const cell = [
          { field: facet.by.field, value: row },
          ...(column === null ? [] : [{ field: facet.across?.field ?? "", value: column }]),
        ];
        const verdicts = [
          interpreter.value(facet.by.field, row).verdict,
          ...(facet.across === undefined || column === null
            ? []
            : [interpreter.value(facet.across.field, column).verdict]),
        ];
        const counts = found.facets[f]?.cells[i * columns.length + j];
        if (counts === undefined) throw new Error("wanted a count for each cell");
        compare(
          JSON.stringify(cell),
          counts,
          truthOf(world, given.where, cell),
          exactly && verdicts.every(isExact),
          seen,
        );
      });
    });
  });
};

const compare = (
  what: string,
  found: CellCounts,
  truth: { donors: number; samples: number },
  exactly: boolean,
  seen: Seen,
): void => {
  for (const unit of ["donors", "samples"] as const) {
    const { min, max, because }: Count = found[unit];
    const shown = `${what}: ${unit} ${min}..${max} because ${because.join(" ") || "nothing"}, truth ${truth[unit]}`;
    if (min > truth[unit] || (max !== null && max < truth[unit])) throw new Error(`outside: ${shown}`);
    if (exactly && min !== max) throw new Error(`not exact: ${shown}`);
    if ((min === max) !== (because.length === 0)) throw new Error(`reasons and width disagree: ${shown}`);
    seen.numbers += 1;
    if (min === max) seen.exact += 1;
    if (truth[unit] > 0) seen.positive += 1;
    if (max === null) seen.open += 1;
  }
};

const isExact = (verdict: string): boolean => verdict === "EXACT" || verdict === "NOT_COLLECTED";

const hasNoLimit = ({ donors, samples, counts, fields, doubtfulSamples, doubtfulDonors }: Capabilities): boolean =>
  doubtfulSamples === undefined &&
  doubtfulDonors === undefined &&
  [donors, samples].every(({ logic, sampleAnd }) => logic === "boolean" && sampleAnd === undefined) &&
  counts.length === 2 &&
  Object.values(fields).every(
    ({ on, rest, codes, exhaustive }) => on.length === 2 && rest && (codes === undefined || exhaustive === true),
  );

const systems = new WeakMap<Product, Map<boolean, unknown>>();

/** ICD-10 as a bank's own codes takes a while to spell out, so each product does it once. */
const systemDisease = (
  product: Product,
  complete: boolean,
): NonNullable<ReturnType<Product["mappingOf"]>["fields"]["DISEASE"]> => {
  const made = systems.get(product) ?? new Map<boolean, unknown>();
  systems.set(product, made);
  if (!made.has(complete)) {
    const { yaml } = yamlOf(1);
    const disease = { system: "ICD10", spelling: "curie" } as const;
    made.set(complete, product.mappingOf({ ...yaml, disease, complete: complete ? ["disease"] : [] }).fields.DISEASE);
  }
  return made.get(complete) as NonNullable<ReturnType<Product["mappingOf"]>["fields"]["DISEASE"]>;
};
