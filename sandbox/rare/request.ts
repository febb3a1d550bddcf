import { type Bits, eachBit, intersection, noBits, setBit, sizeOf } from "../bits.ts";
import { Refusal } from "../refusal.ts";
import { select, UnknownParameter, type Weakness } from "./search.ts";
import type { Tables, TypeName } from "./tables.ts";

/** How a server of the sandbox differs from one that does all that it may. */
export type SearchOptions = {
  readonly weak: Weakness;
  /** `lenient`: unknown parameters are ignored, whatever the client prefers. */
  readonly handling: "preferred" | "lenient";
  /** When the total is told: always where it is asked for; or never, or only with `_total` or only with `_summary`. */
  readonly totals: "asked" | "never" | "total" | "summary";
  /** The self link names what was taken, or everything that was asked for, or there is none. */
  readonly self: "taken" | "asked" | "none";
};

const RESULT = ["_summary", "_total", "_count", "_elements", "_format", "_offset"];
const PAGE = { usual: 20, largest: 1000 };

/** Answers one search with a searchset. `base` is the server's address. @throws {Refusal} 400 */
export const searchset = (
  tables: Tables,
  type: TypeName,
  params: URLSearchParams,
  strict: boolean,
  base: string,
  options: SearchOptions,
): object => {
  const taken: (readonly [string, string])[] = [];
  const sets: Bits[] = [];
  const last = new Map([...params].map(([name], at) => [name, at]));
  [...params].forEach(([name, value], at) => {
    try {
      if (options.weak.repeat === "last" && last.get(name) !== at) return;
      if (!RESULT.includes(name)) sets.push(select(tables, type, name, value, options.weak));
      if (options.weak.joined && name.startsWith("_has:")) sets.push(joined(tables, type, name, params, options.weak));
      taken.push([name, value]);
    } catch (error) {
      if (!(error instanceof UnknownParameter)) throw error;
      if (strict && options.handling === "preferred") throw new Refusal(400, `Unknown search parameter ${name}.`);
    }
  });
  const found = intersection(sets);
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
  return {
    resourceType: "Bundle",
    type: "searchset",
    ...(bySummary || byTotal ? { total } : {}),
    link: [
      ...(options.self === "none" ? [] : [{ relation: "self", url: urlOf(base, type, echoed) }]),
      ...(next === null ? [] : [{ relation: "next", url: urlOf(base, type, next) }]),
    ],
    ...(withEntries ? { entry: entriesOf(tables, type, found, offset, size, params.get("_elements"), base) } : {}),
  };
};

/** What selects when all `_has` by the same link are asked of one resource. */
const joined = (tables: Tables, type: TypeName, name: string, params: URLSearchParams, weak: Weakness): Bits => {
  const [, of = "", by = ""] = name.split(":");
  const inner = [...params].filter(([other]) => other.startsWith(`_has:${of}:${by}:`));
  const rest = (other: string) => other.split(":").slice(3).join(":");
  const rows = intersection(inner.map(([other, value]) => select(tables, of as TypeName, rest(other), value, weak)));
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

const urlOf = (base: string, type: TypeName, params: readonly (readonly [string, string])[]): string => {
  const query = new URLSearchParams(params.map(([name, value]) => [name, value])).toString();
  return `${base}/${type}${query === "" ? "" : `?${query}`}`;
};
const pageAt = (params: readonly (readonly [string, string])[], offset: number) => [
  ...params.filter(([name]) => name !== "_offset"),
  ["_offset", String(offset)] as const,
];

const entriesOf = (
  tables: Tables,
  type: TypeName,
  found: Bits | null,
  offset: number,
  size: number,
  elements: string | null,
  base: string,
): readonly object[] => {
  const { ids, size: all, resource } = tables[type];
  const rows: number[] = [];
  if (found === null) for (let row = 0; row < all; row++) rows.push(row);
  else eachBit(found, (row) => rows.push(row));
  const kept = elements === null ? null : new Set(["resourceType", "id", ...elements.split(",")]);
  return rows.slice(offset, offset + size).map((row) => ({
    fullUrl: `${base}/${type}/${ids[row]}`,
    resource: Object.fromEntries(Object.entries(resource(row)).filter(([name]) => kept === null || kept.has(name))),
    search: { mode: "match" },
  }));
};
