import { type Bits, eachBit, hasBit, noBits, setBit } from "../bits.ts";
import { Refusal } from "../refusal.ts";
import { type Column, dateInterval, type Table, type Tables, type TypeName } from "./tables.ts";

/** What a server may do with a feature that it lacks: say so, find nothing, or find everything. */
export type Lack = "refuse" | "zero" | "ignore";

/** Features of FHIR search that a server lacks, for tests of clients; what is not named works. */
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
 * The resources that one search parameter selects (R4, section 3.1.1): token, date, number and reference parameters,
 * `:missing` and `:not`, one level of chaining, and `_has`, also within another one and behind a chain.
 * @throws {UnknownParameter}; {Refusal} 400 for a value that cannot be read
 */
export const select = (tables: Tables, type: TypeName, name: string, value: string, weak: Weakness): Bits =>
  remembered(tables, JSON.stringify([type, name, value, weak]), () => selected(tables, type, name, value, weak));

const MOST_REMEMBERED = 1000;
const memory = new WeakMap<Tables, Map<string, Bits>>();

/** Clients try one parameter on many resources: what was asked last is kept, for as long as the tables are. */
const remembered = (tables: Tables, key: string, make: () => Bits): Bits => {
  const kept = memory.get(tables) ?? new Map<string, Bits>();
  memory.set(tables, kept);
  const bits = kept.get(key) ?? make();
  kept.delete(key);
  kept.set(key, bits);
  const [oldest] = kept.keys();
  if (kept.size > MOST_REMEMBERED && oldest !== undefined) kept.delete(oldest);
  return bits;
};

const selected = (tables: Tables, type: TypeName, name: string, value: string, weak: Weakness): Bits => {
  const { size, columns } = tables[type];
  const all = () => fill(size, () => true);
  const lacking = (lack: Lack, what: string): Bits => {
    if (lack === "refuse") throw new UnknownParameter(what);
    return lack === "zero" ? noBits(size) : all();
  };

  if (name.startsWith("_has:")) {
    if (weak.has !== undefined) return lacking(weak.has, name);
    const [, of = "", by = "", rest = ""] = /^_has:(\w+):([\w-]+):(.+)$/s.exec(name) ?? [];
    if (!Object.hasOwn(tables, of)) throw new UnknownParameter(name);
    const link = tables[of as TypeName].columns.get(by);
    if (type !== "Patient" || link?.kind !== "reference") throw new UnknownParameter(name);
    const found = noBits(size);
    eachBit(select(tables, of as TypeName, rest, value, weak), (row) => setBit(found, link.values[row]!));
    return found;
  }

  const [, by, target, rest] = /^([\w-]+)(?::(\w+))?\.(.+)$/s.exec(name) ?? [];
  if (by !== undefined && rest !== undefined) {
    if (weak.chain !== undefined) return lacking(weak.chain, name);
    const link = columns.get(by);
    if (link?.kind !== "reference" || (target ?? "Patient") !== "Patient") throw new UnknownParameter(name);
    const owners = select(tables, "Patient", rest, value, weak);
    return fill(size, (row) => hasBit(owners, link.values[row]!));
  }

  const [base = "", modifier, more] = name.split(":");
  const column = columns.get(base);
  if (column === undefined || more !== undefined) throw new UnknownParameter(name);
  if (modifier === undefined && column.kind === "reference") {
    const found = noBits(size);
    for (const one of alternatives(value, weak)) {
      const patient = rowOf(tables.Patient, one.replace(/^.*\//s, ""));
      if (patient === undefined) continue;
      for (let row = column.firsts[patient]!; row < column.firsts[patient + 1]!; row++) setBit(found, row);
    }
    return found;
  }
  if (modifier === undefined) return matching(column, size, alternatives(value, weak));
  if (modifier !== "missing" && (modifier !== "not" || !isToken(column))) throw new UnknownParameter(name);
  if (weak.modifiers !== undefined) return lacking(weak.modifiers, name);
  if (modifier === "not") return without(matching(column, size, alternatives(value, weak)), size);
  if (value !== "true" && value !== "false") throw new Refusal(400, `${name} needs true or false, got ${value}.`);
  const recorded = withValue(column, size);
  return value === "false" ? recorded : without(recorded, size);
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
  const [prefix, text] = prefixed(value);
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
