import { LRUCache } from "lru-cache";
import { type Capabilities, type FieldCapability, isRange, type Test, type Unit } from "../../adapters/local.ts";
import { codeSet, meets, within } from "../../schema/codes/code-set.ts";
import type { Uncertainty } from "../../schema/count.ts";
import {
  type CodeField,
  FIELDS,
  type FieldName,
  isNumberField,
  NOT_RECORDED,
  type NumberField,
} from "../../schema/fields.ts";
import type { Verdict } from "../../schema/verdict.ts";
import { type CodeIndex, codeIndex } from "../mapping/code-index.ts";
import type { FieldMapping, LocalCode } from "../mapping/field-mapping.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { ANY_VALUE, MISSING, NO_VALUE } from "./predicates.ts";

/** How a bank reads one condition on one field: every value that passes `inner` meets it, every one that may passes `outer`. */
export type FieldReading = {
  readonly inner: Test;
  readonly outer: Test;
  readonly verdict: Verdict;
  readonly because: readonly Uncertainty[];
  /** The local codes that meet the condition for sure or perhaps. */
  readonly local: readonly LocalCode[];
};

/** Reads conditions against one bank's mapping and capabilities (the table of DESIGN.md section 5). */
export type FieldReader = {
  values(field: CodeField, values: readonly string[], descendants: boolean): FieldReading;
  range(field: NumberField, from: number | null, to: number | null): FieldReading;
  /** The reading of a facet's value: a code, a number, a band such as 40-49, or NOT_RECORDED. */
  value(field: FieldName, value: string): FieldReading;
  /** Absent where the bank cannot filter this count by it. */
  capability(field: FieldName, unit: Unit): FieldCapability | undefined;
  /** The local codes that can be asked for. */
  codes(field: FieldName): readonly LocalCode[];
  readonly mapping: Mapping;
  readonly capabilities: Capabilities;
};

/** What a reading of a field that the bank does not have looks like. */
export const UNSUPPORTED: FieldReading = {
  inner: NO_VALUE,
  outer: ANY_VALUE,
  verdict: "UNSUPPORTED",
  because: ["CRITERION_UNSUPPORTED"],
  local: [],
};

export const fieldReader = (mapping: Mapping, capabilities: Capabilities): FieldReader => {
  const known = new Map<FieldName, KnownCodes>();
  const readings = new LRUCache<string, FieldReading>({ maxSize: REMEMBERED_BYTES, sizeCalculation: bytesOf });
  const remembered = (key: string, make: () => FieldReading): FieldReading => {
    const before = readings.get(key);
    if (before !== undefined) return before;
    const made = make();
    readings.set(key, made);
    return made;
  };
  const knownOf = (field: FieldName): KnownCodes | null => {
    const section = mapping.fields[field];
    const capability = capabilities.fields[field];
    if (section === undefined || capability === undefined) return null;
    const before = known.get(field);
    if (before !== undefined) return before;
    const made = knownCodes(section, capability);
    known.set(field, made);
    return made;
  };
  const reader: FieldReader = {
    mapping,
    capabilities,
    values: (field, values, descendants) => {
      const codes = knownOf(field);
      if (codes === null) return UNSUPPORTED;
      return remembered(`${field} ${descendants} ${values.join(" ")}`, () =>
        readCodes(field, codes, values, descendants),
      );
    },
    range: (field, from, to) => {
      const codes = knownOf(field);
      return codes === null ? UNSUPPORTED : readRange(codes.section, from, to);
    },
    value: (field, value) => {
      const codes = knownOf(field);
      if (codes === null) return UNSUPPORTED;
      if (value === NOT_RECORDED) return { inner: MISSING, outer: MISSING, verdict: "EXACT", because: [], local: [] };
      if (!isNumberField(field)) return reader.values(field, [value], true);
      const [from, to] = value.split("-").map(Number);
      return reader.range(field, from ?? null, to ?? from ?? null);
    },
    capability: (field, unit) => {
      const capability = mapping.fields[field] === undefined ? undefined : capabilities.fields[field];
      return capability?.on.includes(unit) ? capability : undefined;
    },
    codes: (field) => knownOf(field)?.codes ?? [],
  };
  return reader;
};

/** Of one bank. A code asked in one system may mean thousands of a bank that codes in another. */
const REMEMBERED_BYTES = 4 * 2 ** 20;
/** A list takes eight bytes for each of its codes, and some to grow. */
const bytesOf = ({ inner, outer, local }: FieldReading, key: string): number => {
  const codes = [inner, outer].reduce((sum, test) => sum + (isRange(test) ? 0 : test.codes.length), local.length);
  return 10 * codes + 2 * key.length + 500;
};

type KnownCodes = {
  readonly section: FieldMapping;
  readonly codes: readonly LocalCode[];
  readonly complete: boolean;
  readonly index: CodeIndex;
};

/**
 * A mapped code that the local API does not list cannot be asked for. Where the bank lists a system's codes itself, it
 * records none of these; where the operator mapped the code, its values are as good as unmapped.
 */
const knownCodes = (section: FieldMapping, capability: FieldCapability): KnownCodes => {
  const listed = capability.codes;
  const codes = listed === undefined ? section.codes : section.codes.filter(({ code }) => listed.has(code));
  const complete = section.complete && (section.system !== null || codes.length === section.codes.length);
  return { section, codes, complete, index: codeIndex(codes) };
};

const readCodes = (
  field: CodeField,
  { section, codes, complete, index }: KnownCodes,
  values: readonly string[],
  descendants: boolean,
): FieldReading => {
  // mutant: asked-codes
  const asked = codeSet(field, values, descendants);
  const maybe = (field === "DISEASE" ? index.near(asked) : codes).filter(({ means }) => meets(means, asked));
  // mutant: sure-codes
  const sure = maybe.filter(({ means }) => within(means, asked));
  // mutant: unknown-is-not-no
  const { kind, many } = FIELDS[field];
  const absentUnknown = field === "USE" && section.whenAbsent === "unknown";
  const inner: Test = { codes: sure.map(({ code }) => code), negate: false, missing: false };
  // mutant: unmapped-records
  const outer: Test = complete
    ? { codes: maybe.map(({ code }) => code), negate: false, missing: absentUnknown }
    : { codes: allBut(codes, maybe), negate: true, missing: !many || absentUnknown };
  const broader = sure.length < maybe.length;
  const doubt: readonly Uncertainty[] =
    complete && !absentUnknown ? [] : kind === "attribute" || absentUnknown ? ["NOT_RECORDED"] : ["CODE_NARROWER"];
  const because: readonly Uncertainty[] = broader ? ["CODE_BROADER", ...doubt] : doubt;
  const verdict: Verdict = broader
    ? "BROADER"
    : doubt[0] === "NOT_RECORDED"
      ? "PARTLY_RECORDED"
      : doubt[0] === "CODE_NARROWER"
        ? "NARROWER"
        : maybe.length === 0
          ? "NOT_COLLECTED"
          : "EXACT";
  return { inner, outer, verdict, because, local: maybe };
};

const allBut = (codes: readonly LocalCode[], but: readonly LocalCode[]): readonly string[] => {
  const left = new Set(but);
  return codes.filter((local) => !left.has(local)).map(({ code }) => code);
};

const readRange = (section: FieldMapping, from: number | null, to: number | null): FieldReading => {
  const [low, high] = section.off;
  const blurred = low !== 0 || high !== 0;
  const because: readonly Uncertainty[] = [
    ...(blurred ? (["LOCAL_ROUNDING"] as const) : []),
    ...(section.complete ? [] : (["NOT_RECORDED"] as const)),
  ];
  return {
    inner: { from: from === null ? null : from - low, to: to === null ? null : to - high, missing: false },
    outer: {
      from: from === null ? null : from - high,
      // mutant: upper-age
      to: to === null ? null : to - low,
      missing: !section.complete,
    },
    verdict: blurred ? "BROADER" : section.complete ? "EXACT" : "PARTLY_RECORDED",
    because,
    local: [],
  };
};
