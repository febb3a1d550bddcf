import { BankError } from "../../schema/bank-error.ts";
import { isNumberField } from "../../schema/fields.ts";
import { bankBroken } from "../kit/failures.ts";
import type { Unit } from "../local.ts";
import type { ProvedRoute } from "./proving.ts";
import { otherwise } from "./recorded.ts";
import type { Param, Search } from "./search.ts";
import { resourceOf, type Words } from "./words.ts";

/** A search whose count is known for the release. */
export type Control = { readonly search: Search; readonly count: number };

/** What goes with counts, so that a server is found out that begins to round, or to ignore a parameter, after it was opened. */
export type Controls = {
  /** The controls of the parameters that searches use, and of the resources that they are for. */
  readonly of: (searches: readonly Search[]) => readonly Control[];
  /** What is wrong; undefined: nothing is. A control that was not answered shows nothing. */
  readonly fault: (controls: readonly Control[], counts: readonly (number | BankError)[]) => BankError | undefined;
};

type Ask = (searches: readonly Search[]) => Promise<readonly (number | BankError)[]>;

const TRIED = 2;
const BOUNDS = { AGE_AT_COLLECTION: ["40", "60"], COLLECTED_YEAR: ["2015-01-01", "2020-01-01"] } as const;

/** Counts the controls of proven parameters. @throws {BankError} for a server that is busy or away */
export const controlsOf = async (
  bank: string,
  words: Words,
  { units, proved }: { readonly units: readonly Unit[]; readonly proved: readonly ProvedRoute[] },
  ask: Ask,
): Promise<Controls> => {
  const wanted: readonly Search[] = [
    ...units.map((unit) => ({ resource: resourceOf(unit), params: [] })),
    ...proved.flatMap(({ field, unit, proof, values: known }) => {
      const { name } = words[unit].get(field)!;
      const values = isNumberField(field)
        ? BOUNDS[field as keyof typeof BOUNDS].map((bound) => `ge${bound}`)
        : known.slice(0, TRIED);
      const params: readonly Param[] = [
        ...values.map((value) => [name, value] as const),
        ...(proof.rest ? [[`${name}:missing`, "true"] as const] : []),
      ];
      return params.map((param) => ({ resource: resourceOf(unit), params: [param] }));
    }),
  ];
  const counts = await ask(wanted);
  const totals = new Map<string, number>();
  const byName = new Map<string, Control>();
  for (const [at, search] of wanted.entries()) {
    const count = counts[at]!;
    const [param] = search.params;
    if (count instanceof BankError) otherwise(count, undefined);
    else if (param === undefined) {
      totals.set(search.resource, count);
      byName.set(search.resource, { search, count });
    } else if (count !== totals.get(search.resource)) {
      const key = `${search.resource} ${param[0]}`;
      const other = byName.get(key);
      // A round number would not show that counts are rounded.
      if (other === undefined || (other.count % 10 === 0 && count % 10 !== 0)) byName.set(key, { search, count });
    }
  }
  return {
    of(searches) {
      const keys = new Set(
        searches.flatMap(({ resource, params }) => [resource, ...params.map(([name]) => `${resource} ${name}`)]),
      );
      return [...keys].flatMap((key) => byName.get(key) ?? []);
    },
    fault(controls, found) {
      const at = controls.findIndex(({ count }, index) => typeof found[index] === "number" && found[index] !== count);
      if (at < 0) return undefined;
      const { resource, params } = controls[at]!.search;
      const what = [resource, ...params.map(([name]) => name)].join("?");
      return bankBroken(
        bank,
        `${what}: wanted the count that it had when the release was opened, got another`,
        "CONTRADICTION",
      );
    },
  };
};
