import { type Bits, eachBit, hasBit, noBits, setBit } from "../bits.ts";
import { cached } from "../cached.ts";
import { Refusal } from "../refusal.ts";
import { type Column, dateInterval, type Table, type Tables, type TypeName } from "./tables.ts";

/** How a server treats a feature that it lacks: it refuses the search, finds nothing, or finds everything. */
export type Lack = "refuse" | "zero" | "ignore";

/** Features of FHIR search that a server lacks, for tests of clients. Default: it lacks none. */
export type Weakness = {
  readonly has?: Lack;
  readonly chain?: Lack;
  /** `:missing` and `:not`. */
  readonly modifiers?: Lack;
  /** Only the last of several alternatives counts. */
  readonly comma?: "last";
  /** Only the last of several parameters of one name counts. */
  readonly repeat?: "last";
  /** Several `_has` of one kind have to be met by one and the same resource. */
  readonly joined?: true;
};

/** A parameter that this server does not know. */
export class UnknownParameter extends Error {}

/**
 * Selects resources of a type by one search parameter.
 * @throws {UnknownParameter}; {Refusal} 400 for a value that cannot be read
 */
export type Select = (type: TypeName, name: string, value: string) => Bits;

/** Most results that are cached. Clients try one parameter on many resources. */
const MOST_CACHED = 1000;

/**
 * Search parameters as FHIR R4 has them (section 3.1.1): token, date, number and reference parameters, `:missing` and `:not`,
 * one level of chaining, and `_has`, also within another `_has` and after a chain.
 */
export const selector = (tables: Tables, weak: Weakness): Select => {
  const select: Select = cached(MOST_CACHED, (type: TypeName, name: string, value: string): Bits => {
    if (name.startsWith("_has:")) {
      return weak.has === undefined ? byHas(type, name, value) : lacking(weak.has, type, name);
    }
    if (name.includes(".")) {
      return weak.chain === undefined ? byChain(type, name, value) : lacking(weak.chain, type, name);
    }
    return byColumn(type, name, value);
  });

  const lacking = (lack: Lack, type: TypeName, name: string): Bits => {
    if (lack === "refuse") throw new UnknownParameter(name);
    const { size } = tables[type];
    return lack === "zero" ? noBits(size) : fill(size, () => true);
  };

  const byHas: Select = (type, name, value) => {
    const [, of = "", by = "", rest = ""] = /^_has:(\w+):([\w-]+):(.+)$/s.exec(name) ?? [];
    if (!Object.hasOwn(tables, of)) throw new UnknownParameter(name);
    const link = tables[of as TypeName].columns.get(by);
    if (type !== "Patient" || link?.kind !== "reference") throw new UnknownParameter(name);
    const found = noBits(tables[type].size);
    eachBit(select(of as TypeName, rest, value), (row) => setBit(found, link.values[row]!));
    return found;
  };

  const byChain: Select = (type, name, value) => {
    const [, by = "", target = "Patient", rest = ""] = /^([\w-]+)(?::(\w+))?\.(.+)$/s.exec(name) ?? [];
    const link = tables[type].columns.get(by);
    if (link?.kind !== "reference" || target !== "Patient") throw new UnknownParameter(name);
    const owners = select("Patient", rest, value);
    return fill(tables[type].size, (row) => hasBit(owners, link.values[row]!));
  };

  const byColumn: Select = (type, name, value) => {
    const { size, columns } = tables[type];
    const [base = "", modifier, more] = name.split(":");
    const column = columns.get(base);
    if (column === undefined || more !== undefined) throw new UnknownParameter(name);
    if (modifier === undefined && column.kind === "reference") return byReference(column, size, value);
    if (modifier === undefined) return matching(column, size, alternatives(value, weak));
    if (modifier !== "missing" && (modifier !== "not" || !isToken(column))) throw new UnknownParameter(name);
    if (weak.modifiers !== undefined) return lacking(weak.modifiers, type, name);
    if (modifier === "not") return without(matching(column, size, alternatives(value, weak)), size);
    if (value !== "true" && value !== "false") throw new Refusal(400, `${name} needs true or false, got ${value}.`);
    const recorded = withValue(column, size);
    return value === "false" ? recorded : without(recorded, size);
  };

  const byReference = (column: Extract<Column, { kind: "reference" }>, size: number, value: string): Bits => {
    const found = noBits(size);
    for (const one of alternatives(value, weak)) {
      const patient = rowOf(tables.Patient, one.replace(/^.*\//s, ""));
      if (patient === undefined) continue;
      for (let row = column.firsts[patient]!; row < column.firsts[patient + 1]!; row++) setBit(found, row);
    }
    return found;
  };
  return select;
};

/** The row of a resource by its id. */
export const rowOf = ({ columns }: Table, id: string): number | undefined => {
  const column = columns.get("_id");
  return column?.kind === "id" ? column.rows.get(id) : undefined;
};

const isToken = ({ kind }: Column): boolean => kind === "token" || kind === "id";

const fill = (size: number, test: (row: number) => boolean): Bits => {
  const bits = noBits(size);
  for (let row = 0; row < size; row++) if (test(row)) setBit(bits, row);
  return bits;
};
const without = (bits: Bits, size: number): Bits => fill(size, (row) => !hasBit(bits, row));

/** A comma separates alternatives unless a backslash stands before it. */
const alternatives = (value: string, weak: Weakness): readonly string[] => {
  const parts = value.match(/(?:\\.|[^\\,])+/gs) ?? [];
  if (parts.length === 0) throw new Refusal(400, "A parameter needs a value.");
  return weak.comma === "last" ? parts.slice(-1) : parts;
};
const plain = (text: string): string => text.replace(/\\(.)/gs, "$1");

const withValue = (column: Column, size: number): Bits => {
  if (column.kind === "token") return column.any;
  return column.kind === "reference" || column.kind === "id"
    ? fill(size, () => true)
    : fill(size, (row) => column.values[row] !== null);
};

const matching = (column: Column, size: number, values: readonly string[]): Bits => {
  switch (column.kind) {
    case "id": {
      const found = noBits(size);
      for (const { system, code } of values.map(tokenOf)) {
        if ((system ?? "") !== "") continue;
        if (code === "") return fill(size, () => true);
        const row = column.rows.get(code);
        if (row !== undefined) setBit(found, row);
      }
      return found;
    }
    case "token": {
      const tests = values.map(tokenTest);
      const found = noBits(size);
      for (const { system, code, rows } of column.values) {
        if (!tests.some((test) => test(system, code))) continue;
        for (let word = 0; word < found.length; word++) found[word]! |= rows[word]!;
      }
      return found;
    }
    case "number": {
      const tests = values.map(numberTest);
      return fill(size, (row) => {
        const number = column.values[row] ?? null;
        return number !== null && tests.some((test) => test(number));
      });
    }
    case "date": {
      const tests = values.map(dateTest);
      return fill(size, (row) => {
        const interval = column.values[row] ?? null;
        return interval !== null && tests.some((test) => test(interval));
      });
    }
    default:
      throw new Error(`${column.kind} is searched by id`);
  }
};

/** `code` in any system (null), `system|code`, `|code` without a system, `system|` any code of it. */
const tokenOf = (value: string): { readonly system: string | null; readonly code: string } => {
  const [, before, after] = /^((?:\\.|[^\\|])*)\|(.*)$/s.exec(value) ?? [];
  if (before === undefined || after === undefined) return { system: null, code: plain(value) };
  return { system: plain(before), code: plain(after) };
};
const tokenTest = (value: string): ((system: string | null, code: string) => boolean) => {
  const wanted = tokenOf(value);
  if (wanted.system === null) return (_, code) => code === wanted.code;
  return (system, code) => (system ?? "") === wanted.system && (wanted.code === "" || code === wanted.code);
};

const prefixed = (value: string): readonly [string, string] => {
  const [, prefix = "eq", text = ""] = /^([a-z]{2})?(.+)$/s.exec(value) ?? [];
  return [prefix, text];
};

const numberTest = (value: string): ((number: number) => boolean) => {
  const [prefix, text] = prefixed(value);
  const wanted = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const test = NUMBER_TESTS[prefix];
  if (Number.isNaN(wanted) || test === undefined) throw new Refusal(400, `${value} is no number that can be searched.`);
  return (number) => test(number, wanted);
};
const NUMBER_TESTS: { readonly [prefix: string]: ((a: number, b: number) => boolean) | undefined } = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a > b,
  lt: (a, b) => a < b,
  ge: (a, b) => a >= b,
  le: (a, b) => a <= b,
};

/** Dates are intervals: `eq` holds where the one searched for contains the resource's, `lt` and `gt` where they overlap. */
const dateTest = (value: string): ((interval: readonly [number, number]) => boolean) => {
  const [given, text] = prefixed(value);
  // As HAPI reads a bare year: at or after it is after it.
  const prefix = given === "ge" && /^\d{4}$/.test(text) ? "sa" : given;
  const wanted = dateInterval(text);
  if (wanted === null) throw new Refusal(400, `${value} is no date that can be searched.`);
  const [from, to] = wanted;
  const inside = ([start, end]: readonly [number, number]) => start >= from && end <= to;
  const tests: { readonly [prefix: string]: ((interval: readonly [number, number]) => boolean) | undefined } = {
    eq: inside,
    ne: (interval) => !inside(interval),
    gt: ([, end]) => end > to,
    lt: ([start]) => start < from,
    ge: (interval) => inside(interval) || interval[1] > to,
    le: (interval) => inside(interval) || interval[0] < from,
    sa: ([start]) => start >= to,
    eb: ([, end]) => end <= from,
  };
  const test = tests[prefix];
  if (test === undefined) throw new Refusal(400, `${prefix} is no prefix of a date.`);
  return test;
};
