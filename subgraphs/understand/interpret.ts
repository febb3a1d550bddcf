import { LRUCache } from "lru-cache";
import {
  type Capabilities,
  type CodeTest,
  type DoubtReason,
  type FieldCapability,
  isRange,
  type RangeTest,
  type Test,
  type Unit,
} from "../../adapters/local.ts";
import { type CodeSet, codeSet, meets } from "../../schema/codes/code-set.ts";
import { withinSet } from "../../schema/codes/within.ts";
import type { Uncertainty } from "../../schema/count.ts";
import {
  type CodeField,
  FIELD_NAMES,
  FIELDS,
  type FieldName,
  isNumberField,
  NOT_RECORDED,
  type NumberField,
} from "../../schema/fields.ts";
import { once } from "../../schema/once.ts";
import type { Verdict } from "../../schema/verdict.ts";
import { type CodeIndex, codeIndex, type Meeting } from "../mapping/code-index.ts";
import type { FieldMapping, LocalCode } from "../mapping/field-mapping.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { ANY_VALUE, DOUBT, isNever, MISSING, NO_VALUE } from "./predicates.ts";

/** What one condition on one field means at a bank: every value that passes `inner` meets it, every one that may passes `outer`. */
export type Interpretation = {
  readonly inner: Test;
  readonly outer: Test;
  readonly verdict: Verdict;
  readonly because: readonly Uncertainty[];
  /** The mapping's codes that meet the condition for sure or perhaps, whether or not the data hold them. */
  readonly local: readonly LocalCode[];
};

/** Interprets conditions by one bank's mapping and capabilities (the table of DESIGN.md section 5). */
export type Interpreter = {
  values(field: CodeField, values: readonly string[], descendants: boolean): Interpretation;
  range(field: NumberField, from: number | null, to: number | null): Interpretation;
  /** A facet's value: a code, a number, a band such as 40-49, or NOT_RECORDED. */
  value(field: FieldName, value: string): Interpretation;
  /** Absent where the bank cannot filter this count by it. */
  capability(field: FieldName, unit: Unit): FieldCapability | undefined;
  readonly mapping: Mapping;
  readonly capabilities: Capabilities;
};

/** A condition on a field that the bank does not have. */
export const UNSUPPORTED: Interpretation = {
  inner: NO_VALUE,
  outer: ANY_VALUE,
  verdict: "UNSUPPORTED",
  because: ["CRITERION_UNSUPPORTED"],
  local: [],
};

/** Makes the interpreter of a bank; it caches what it has interpreted, up to CACHE_BYTES. */
export const interpreterOf = (mapping: Mapping, capabilities: Capabilities): Interpreter => {
  const cache = new LRUCache<string, Interpretation>({ maxSize: CACHE_BYTES, sizeCalculation: bytesOf });
  const known = new Map<FieldName, KnownCodes>();
  for (const field of FIELD_NAMES) {
    const section = mapping.fields[field];
    const capability = capabilities.fields[field];
    if (section !== undefined && capability !== undefined) known.set(field, knownCodes(field, section, capability));
  }
  const interpreter: Interpreter = {
    mapping,
    capabilities,
    values: (field, values, descendants) => {
      const codes = known.get(field);
      if (codes === undefined) return UNSUPPORTED;
      const key = `${field} ${descendants} ${values.join(" ")}`;
      const before = cache.get(key);
      if (before !== undefined) return before;
      const made = interpretCodes(field, codes, values, descendants);
      cache.set(key, made);
      return made;
    },
    range: (field, from, to) => {
      const codes = known.get(field);
      return codes === undefined ? UNSUPPORTED : interpretRange(codes, from, to);
    },
    value: (field, value) => {
      const codes = known.get(field);
      if (codes === undefined) return UNSUPPORTED;
      if (value === NOT_RECORDED) return nothingRecorded(codes);
      if (!isNumberField(field)) return interpreter.values(field, [value], true);
      const [from, to] = value.split("-").map(Number);
      return interpreter.range(field, from ?? null, to ?? from ?? null);
    },
    capability: (field, unit) => {
      const capability = mapping.fields[field] === undefined ? undefined : capabilities.fields[field];
      return capability?.on.includes(unit) ? capability : undefined;
    },
  };
  return interpreter;
};

/** Cache size of one bank: a code of one system may mean thousands of codes of a bank that codes in another. */
const CACHE_BYTES = 4 * 2 ** 20;
/** Estimated memory of a cache entry: eight bytes for each code of a list, and some to grow. */
const bytesOf = ({ inner, outer, local }: Interpretation, key: string): number => {
  const codes = [inner, outer].reduce((sum, test) => sum + (isRange(test) ? 0 : test.codes.length), local.length);
  return 10 * codes + 2 * key.length + 500;
};

type KnownCodes = {
  readonly section: FieldMapping;
  /** See FieldCapability.halves. */
  readonly halves: boolean;
  /** See FieldCapability.doubt. */
  readonly doubt: readonly DoubtReason[];
  /** The mapping's codes that the local API can be asked for. */
  readonly asked: readonly LocalCode[];
  /** Those of some codes that it can be asked for. */
  readonly askable: (codes: readonly LocalCode[]) => readonly LocalCode[];
  /** Whether nobody holds one of the other codes. */
  readonly exhaustive: boolean;
  /** The mapping's codes that meet a set. */
  readonly meeting: CodeIndex;
  /** How a condition is read that no code meets: most of a large breakdown is one object. */
  readonly nothing: () => Interpretation;
};

/** What the mapping declares makes the verdict; what the local API lists decides only what it is asked. */
const knownCodes = (field: FieldName, section: FieldMapping, capability: FieldCapability): KnownCodes => {
  const listed = capability.codes;
  const askable = (codes: readonly LocalCode[]) =>
    listed === undefined ? codes : codes.filter(({ code }) => listed.has(code));
  const known: KnownCodes = {
    section,
    halves: capability.halves === true,
    doubt: capability.doubt ?? [],
    asked: askable(section.codes),
    askable,
    exhaustive: listed === undefined || capability.exhaustive === true,
    meeting: codeIndex(section.codes),
    nothing: once(() => readingOf(field as CodeField, known, [], [])),
  };
  return known;
};

const interpretCodes = (
  field: CodeField,
  known: KnownCodes,
  values: readonly string[],
  descendants: boolean,
): Interpretation => {
  // mutant: asked-codes
  const asked = codeSet(field, values, descendants);
  const { all, near } = field === "DISEASE" ? known.meeting(asked) : meetingOf(known.section.codes, asked);
  if (all.length === 0) return known.nothing();
  const isWithin = withinSet(asked);
  // mutant: sure-codes
  const sure = near.filter(({ means }) => isWithin(means));
  return readingOf(field, known, sure, all);
};

/** Of the few codes that a field other than DISEASE has, each is looked at. */
const meetingOf = (codes: readonly LocalCode[], asked: CodeSet): Meeting => {
  const all = codes.filter(({ means }) => meets(means, asked));
  return { all, near: all };
};

/** How a condition is read that `sure` of the mapping's codes meet, and `maybe` may meet. */
const readingOf = (
  field: CodeField,
  { section, asked, askable, exhaustive, doubt }: KnownCodes,
  sure: readonly LocalCode[],
  maybe: readonly LocalCode[],
): Interpretation => {
  // mutant: unknown-is-not-no
  const { kind, many } = FIELDS[field];
  const absentUnknown = field === "USE" && section.whenAbsent === "unknown";
  const inner: Test = { codes: askable(sure).map(({ code }) => code), negate: false, missing: false };
  const askedMaybe = askable(maybe);
  // mutant: unlisted-codes
  const canAskAll = exhaustive || askedMaybe.length === maybe.length;
  const complete = section.complete && canAskAll;
  // An attribute that may not count is one that may not be known.
  // mutant: attribute-in-doubt
  const allKnown = complete && (many || !doubt.includes("NOT_UNDERSTOOD"));
  // mutant: unmapped-records
  const outer: CodeTest = allKnown
    ? { codes: askedMaybe.map(({ code }) => code), negate: false, missing: absentUnknown }
    : { codes: allBut(asked, askedMaybe), negate: true, missing: !many || absentUnknown };
  const gapsOf = (isComplete: boolean): readonly Uncertainty[] => {
    if (isComplete && !absentUnknown) return [];
    return kind === "attribute" || absentUnknown ? ["NOT_RECORDED"] : ["CODE_NARROWER"];
  };
  // What no code meets is not met in doubt either.
  const doubtful = maybe.length === 0 && isNever(outer) ? [] : doubt;
  const broader: readonly Uncertainty[] = sure.length < maybe.length ? ["CODE_BROADER"] : [];
  const because = [...broader, ...gapsOf(complete), ...doubtful];
  const verdict = broader.length > 0 ? "BROADER" : verdictOf([...gapsOf(section.complete), ...doubtful], maybe.length);
  return { inner, outer: inDoubt(outer, doubtful), verdict, because, local: maybe };
};

/** The test that what may pass passes, where values may be in doubt. */
const inDoubt = <T extends Test>(test: T, doubt: readonly DoubtReason[]): T =>
  // mutant: doubtful-values
  doubt.length === 0 ? test : { ...test, ...DOUBT };

/** How a condition is read that is met by no code which may also mean something else. */
const verdictOf = (because: readonly Uncertainty[], codes: number): Verdict => {
  if (because.includes("NOT_RECORDED")) return "PARTLY_RECORDED";
  if (because.includes("PRECISION")) return "BROADER";
  if (because.length > 0) return "NARROWER";
  return codes === 0 ? "NOT_COLLECTED" : "EXACT";
};

/** How NOT_RECORDED is read. A value in doubt may be none. */
const nothingRecorded = ({ doubt }: KnownCodes): Interpretation => ({
  inner: MISSING,
  outer: inDoubt(MISSING, doubt),
  verdict: doubt.length === 0 ? "EXACT" : verdictOf(doubt, 0),
  because: doubt,
  local: [],
});

const allBut = (codes: readonly LocalCode[], but: readonly LocalCode[]): readonly string[] => {
  const left = new Set(but);
  return codes.filter((local) => !left.has(local)).map(({ code }) => code);
};

/** A value n + 0.5 lies within a range for sure where n and n + 1 do, and perhaps where one of them does. */
const interpretRange = (
  { section, halves, doubt }: KnownCodes,
  from: number | null,
  to: number | null,
): Interpretation => {
  const [low, high] = section.off;
  const rounded = low !== 0 || high !== 0;
  const blurred = rounded || halves || doubt.includes("PRECISION");
  // mutant: one-of-two
  const half = halves ? 0.5 : 0;
  const because: readonly Uncertainty[] = [
    ...(rounded ? (["LOCAL_ROUNDING"] as const) : []),
    ...(halves ? (["PRECISION"] as const) : []),
    ...(section.complete ? [] : (["NOT_RECORDED"] as const)),
    ...doubt,
  ];
  const outer: RangeTest = {
    from: from === null ? null : from - high - half,
    // mutant: upper-age
    to: to === null ? null : to - low + half,
    missing: !section.complete || doubt.includes("NOT_UNDERSTOOD"),
  };
  return {
    inner: { from: from === null ? null : from - low, to: to === null ? null : to - high, missing: false },
    outer: inDoubt(outer, doubt),
    verdict: blurred ? "BROADER" : because.length === 0 ? "EXACT" : verdictOf(because, 0),
    because,
    local: [],
  };
};
