import type { Adapter, FieldCoverage, MappedCodes, Tally } from "../../adapters/adapter.ts";
import type {
  LocalCounts,
  LocalPredicate,
  LocalQuestion,
  LocalSelector,
  Range,
  Release,
} from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import {
  type DonorField,
  FIELD_NAMES,
  FIELDS,
  type FieldName,
  isNumberField,
  isSampleField,
} from "../../schema/fields.ts";
import { type Finding, failureFinding, findingOf } from "./finding.ts";

const EVERY = { op: "all", of: [] } as const;
const MISSING = { codes: [], negate: false, missing: true } as const;

/** How many donors and samples a bank holds; null: it does not say. */
export type Everything = { readonly donors: number | null; readonly samples: number | null };

/** What the local API counts of everything and of each field, through the same adapter as a question. */
export const countedCoverage = async (adapter: Adapter, mapping: MappedCodes, asOf: Release, signal: AbortSignal) => {
  const { counts, fields } = adapter.capabilities;
  const asked = FIELD_NAMES.filter((field) => fields[field] !== undefined && isAsked(field, mapping));
  const parts = asked.flatMap((field) => partsOf(field, adapter, mapping));
  const only = counts.includes("SAMPLES") ? {} : ({ only: "DONORS" } as const);
  const every: LocalQuestion = { donors: EVERY, samples: EVERY, ...only };
  const questions = [every, ...parts.map(({ question }) => ({ ...question, ...only }))];
  const found = await adapter.count(questions, asOf, signal);
  const [again] = await adapter.count([every], asOf, signal);
  const [first, ...rest] = found;
  const everything = everythingOf(first);
  const findings: Finding[] = [];
  const failures = new Map<string, { readonly failure: BankError; readonly fields: Set<FieldName> }>();
  const failed = (failure: BankError, fields: readonly FieldName[]): void => {
    const before = failures.get(failure.detail)?.fields ?? [];
    failures.set(failure.detail, { failure, fields: new Set([...before, ...fields]) });
  };
  if (first instanceof BankError) failed(first, asked);
  else if (
    first !== undefined &&
    again !== undefined &&
    !(again instanceof BankError) &&
    JSON.stringify(again) !== JSON.stringify(first)
  ) {
    findings.push(findingOf("answers.differ", { got: `${told(first)}; ${told(again)}` }));
  }
  const coverage = asked.map((field): FieldCoverage => {
    const tallies = new Map<Part["part"], Tally | null>();
    parts.forEach((part, at) => {
      if (part.field !== field) return;
      const outcome = rest[at];
      if (outcome instanceof BankError && outcome.code !== "BANK_UNSUPPORTED") {
        failed(outcome, [field]);
      }
      const before = tallies.get(part.part);
      tallies.set(part.part, before === null ? null : added(before, tallyOf(field, outcome)));
    });
    const known = [...tallies].filter(([, tally]) => tally !== null);
    // A number needs no mapping.
    const none = isNumberField(field) ? { unmapped: { rows: 0, donors: 0 } } : {};
    return { field, ...none, ...Object.fromEntries(known) };
  });
  for (const { failure, fields: of } of failures.values()) {
    const [field = null, ...others] = of;
    findings.push({ ...failureFinding(failure), field: others.length === 0 ? field : null });
  }
  for (const each of coverage) findings.push(...sumFaults(each, everything));
  return { everything, coverage, findings };
};

const isAsked = (field: FieldName, mapping: MappedCodes): boolean =>
  isNumberField(field) || mapping[field] !== undefined;

type Part = {
  readonly field: FieldName;
  readonly part: "mapped" | "unmapped" | "absent";
  readonly question: LocalQuestion;
};

/** The questions for the parts of a field, as far as the local API can be asked. */
const partsOf = (field: FieldName, { capabilities }: Adapter, mapping: MappedCodes): readonly Part[] => {
  const { on, codes, rest, several } = capabilities.fields[field]!;
  const hasNot = [capabilities.donors, capabilities.samples].every(({ logic }) => logic === "boolean");
  if (!on.includes("DONORS")) return [];
  const part = (name: Part["part"], question: LocalQuestion): readonly Part[] => [{ field, part: name, question }];
  if (isNumberField(field)) {
    const recorded = { op: "has", field, test: { from: null, to: null, missing: false } } as const;
    const absent = hasNot ? part("absent", questionOf({ op: "not", of: recorded })) : [];
    return [...part("mapped", questionOf(recorded)), ...absent];
  }
  const known = (mapping[field]?.codes ?? []).filter((code) => codes?.has(code) ?? true);
  const test = (codesOf: readonly string[], negate: boolean) => ({ codes: codesOf, negate, missing: false });
  const one = FIELDS[field].kind === "attribute" && !isSampleField(field) && known.length <= MOST_CODES;
  const groups = several ? [known] : one ? known.map((code) => [code]) : [];
  const mapped = groups
    .filter((group) => group.length > 0)
    .flatMap((group) => part("mapped", fieldQuestion(field, test(group, false))));
  if (!rest || !several) return mapped;
  return [
    ...mapped,
    ...part("unmapped", fieldQuestion(field, test(known, true))),
    ...part("absent", fieldQuestion(field, MISSING)),
  ];
};

/** Most codes of a donor's attribute that are asked one by one, where the local API takes no list. */
const MOST_CODES = 50;

const questionOf = (selector: LocalSelector): LocalQuestion => ({
  donors: { op: "sample", of: selector },
  samples: selector,
});

const fieldQuestion = (
  field: FieldName,
  test: { readonly codes: readonly string[]; readonly negate: boolean; readonly missing: boolean },
): LocalQuestion => {
  if (isSampleField(field)) return questionOf({ op: "has", field, test });
  const donors: LocalPredicate = { op: "has", field: field as DonorField, test };
  return { donors, samples: EVERY };
};

const exact = (range: Range): number | null => (range.min === range.max ? range.min : null);

const everythingOf = (counts: LocalCounts | BankError | undefined): Everything =>
  counts === undefined || counts instanceof BankError
    ? { donors: null, samples: null }
    : { donors: exact(counts.donors), samples: exact(counts.samples) };

/** The rows of a donor's field are its donors, those of a sample's field the samples. */
const tallyOf = (field: FieldName, counts: LocalCounts | BankError | undefined): Tally | null => {
  if (counts === undefined || counts instanceof BankError) return null;
  const donors = exact(counts.donors);
  const rows = isSampleField(field) ? exact(counts.samples) : donors;
  return donors === null || rows === null ? null : { donors, rows };
};

/** Donors with one code of an attribute have no other: their tallies add up. */
const added = (before: Tally | undefined, more: Tally | null): Tally | null =>
  before === undefined || more === null ? more : { rows: before.rows + more.rows, donors: before.donors + more.donors };

const told = ({ donors, samples }: LocalCounts): string =>
  [donors, samples].map(({ min, max }) => (min === max ? `${min}` : `${min} to ${max ?? "?"}`)).join(" / ");

/** A donor or sample has one value of an attribute, or none. */
const sumFaults = ({ field, mapped, unmapped, absent }: FieldCoverage, everything: Everything): readonly Finding[] => {
  const all = isSampleField(field) ? everything.samples : everything.donors;
  const one = FIELDS[field].kind === "attribute" || isSampleField(field);
  if (!one || all === null || unmapped === undefined || absent === undefined) return [];
  const sum = (mapped?.rows ?? 0) + unmapped.rows + absent.rows;
  return sum === all ? [] : [findingOf("field.sums", { field, wanted: String(all), got: String(sum) })];
};
