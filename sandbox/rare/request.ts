import { type Bits, eachBit, intersection, noBits, setBit, sizeOf } from "../bits.ts";
import { Refusal } from "../refusal.ts";
import { type Select, UnknownParameter, type Weakness } from "./search.ts";
import type { Table, Tables, TypeName } from "./tables.ts";

/** How a server differs from one that does all that FHIR allows. */
export type SearchOptions = {
  readonly weak: Weakness;
  /** `lenient`: unknown parameters are ignored, whatever the client prefers. */
  readonly handling: "preferred" | "lenient";
  /** When a bundle has a total: wherever the client asks for it, never, only for `_total`, or only for `_summary`. */
  readonly totals: "asked" | "never" | "total" | "summary";
  /** The self link names the parameters that were used, all that were sent, or is left out. */
  readonly self: "taken" | "asked" | "none";
};

const RESULT = ["_summary", "_total", "_count", "_elements", "_format", "_offset", "_sort"];
const PAGE = { usual: 20, largest: 1000 };

/** What a search needs beside its parameters. `base` is the server's address. */
export type Searching = {
  readonly tables: Tables;
  readonly select: Select;
  readonly base: string;
  readonly options: SearchOptions;
};

/** Answers one search with a searchset. @throws {Refusal} 400 */
export const searchset = (searching: Searching, type: TypeName, params: URLSearchParams, strict: boolean): object => {
  const { tables, base, options } = searching;
  const { taken, found } = selection(searching, type, params, strict && options.handling === "preferred");
  const total = found === null ? tables[type].size : sizeOf(found);
  const summary = params.get("_summary");
  if (summary !== null && summary !== "count" && summary !== "false") throw new Refusal(400, "Only _summary=count.");
  const size = Math.min(PAGE.largest, whole(params, "_count", PAGE.usual));
  const offset = whole(params, "_offset", 0);
  const asked = params.get("_total");
  if (asked !== null && !["none", "estimate", "accurate"].includes(asked)) throw new Refusal(400, `_total=${asked}?`);
  const bySummary = summary === "count" && ["asked", "summary"].includes(options.totals);
  const byTotal = asked !== null && asked !== "none" && ["asked", "total"].includes(options.totals);
  const withEntries = summary !== "count" && size > 0;
  const echoed = options.self === "taken" ? taken : [...params];
  const next = withEntries && offset + size < total ? pageAt(echoed, offset + size) : null;
  const page = { offset, size, elements: params.get("_elements") };
  return {
    resourceType: "Bundle",
    type: "searchset",
    ...(bySummary || byTotal ? { total } : {}),
    link: [
      ...(options.self === "none" ? [] : [{ relation: "self", url: urlOf(base, type, echoed) }]),
      ...(next === null ? [] : [{ relation: "next", url: urlOf(base, type, next) }]),
    ],
    ...(withEntries ? { entry: entriesOf(tables[type], `${base}/${type}`, found, page) } : {}),
  };
};

type Parameters = readonly (readonly [name: string, value: string])[];

/** The parameters that the server took, and what they select together; null: everything. */
const selection = (
  searching: Searching,
  type: TypeName,
  params: URLSearchParams,
  strict: boolean,
): { readonly taken: Parameters; readonly found: Bits | null } => {
  const { select, options } = searching;
  const taken: (readonly [string, string])[] = [];
  const sets: Bits[] = [];
  const last = new Map([...params].map(([name], at) => [name, at]));
  requireOneBound([...params]);
  [...params].forEach(([name, value], at) => {
    try {
      if (options.weak.repeat === "last" && last.get(name) !== at) return;
      if (!RESULT.includes(name)) sets.push(select(type, name, value));
      if (options.weak.joined && name.startsWith("_has:")) sets.push(joined(searching, type, name, params));
      taken.push([name, value]);
    } catch (error) {
      if (!(error instanceof UnknownParameter)) throw error;
      if (strict) throw new Refusal(400, `Unknown search parameter ${name}.`);
    }
  });
  return { taken, found: intersection(sets) };
};

/** As HAPI does: two bounds of one kind are refused, such as two lower ones. */
const requireOneBound = (params: Parameters): void => {
  const seen = new Set<string>();
  for (const [name, value] of params) {
    const bound = /^(?:ge|gt|sa)\d/.test(value) ? "lower" : /^(?:le|lt|eb)\d/.test(value) ? "upper" : undefined;
    if (bound === undefined) continue;
    const key = `${bound} ${name}`;
    if (seen.has(key)) throw new Refusal(400, `Can not have multiple ${bound} bounds: ${name}.`);
    seen.add(key);
  }
};

/** The resources that have one linked resource which meets all `_has` by the same link. */
const joined = ({ tables, select }: Searching, type: TypeName, name: string, params: URLSearchParams): Bits => {
  const [, of = "", by = ""] = name.split(":");
  const inner = [...params].filter(([other]) => other.startsWith(`_has:${of}:${by}:`));
  const rest = (other: string) => other.split(":").slice(3).join(":");
  const rows = intersection(inner.map(([other, value]) => select(of as TypeName, rest(other), value)));
  const found = noBits(tables[type].size);
  const link = tables[of as TypeName].columns.get(by);
  if (rows !== null && link?.kind === "reference") eachBit(rows, (row) => setBit(found, link.values[row]!));
  return found;
};

const whole = (params: URLSearchParams, name: string, otherwise: number): number => {
  const text = params.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Refusal(400, `${name} needs a whole number, got ${text}.`);
  return Number(text);
};

const urlOf = (base: string, type: TypeName, params: Parameters): string => {
  const query = new URLSearchParams(params.map(([name, value]) => [name, value])).toString();
  return `${base}/${type}${query === "" ? "" : `?${query}`}`;
};
const pageAt = (params: Parameters, offset: number) => [
  ...params.filter(([name]) => name !== "_offset"),
  ["_offset", String(offset)] as const,
];

type Page = { readonly offset: number; readonly size: number; readonly elements: string | null };

const entriesOf = (
  { ids, size: all, resource }: Table,
  url: string,
  found: Bits | null,
  { offset, size, elements }: Page,
): readonly object[] => {
  const rows: number[] = [];
  if (found === null) for (let row = 0; row < all; row++) rows.push(row);
  else eachBit(found, (row) => rows.push(row));
  const kept = elements === null ? null : new Set(["resourceType", "id", ...elements.split(",")]);
  return rows.slice(offset, offset + size).map((row) => ({
    fullUrl: `${url}/${ids[row]}`,
    resource: Object.fromEntries(Object.entries(resource(row)).filter(([name]) => kept === null || kept.has(name))),
    search: { mode: "match" },
  }));
};
