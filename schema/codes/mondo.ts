import { once } from "../once.ts";
import { byCode, entryOf, tablesIn } from "./rows.ts";

/**
 * Mondo: diseases of all kinds, each asked for by way of the codes of other systems that Mondo says are exactly the same.
 *
 * Where `data/mondo.json` comes from (code, name, counterparts): Mondo 2026-08-04, Monarch Initiative; matches CC0, names CC
 * BY 4.0. Taken are the diseases in use that have just one exact match in Orphanet's nomenclature, in OncoTree or in both,
 * or, without these, one in WHO's ICD-10; of fifteen in both that lie in different parts of ICD-10 only Orphanet's. A name is left out where it is that of a counterpart. What Mondo calls close
 * (NANDO) and its matches with the American ICD-10-CM are not relied on, and its own hierarchy is not shipped: what lies
 * below a code is what lies below its counterparts.
 */
type MondoRow = { readonly name: string | null; readonly counterparts: readonly string[] };

const rows = once(() =>
  byCode(tablesIn<{ readonly codes: readonly [code: string, name: string, counterparts: string] }>("mondo").codes),
);

/** Every code, in seven digits. */
export const mondoCodes = once((): readonly string[] => [...rows().keys()]);

/** A code's own name, and the codes of ORPHA, ONCOTREE or ICD10 that mean the same. */
export const mondoRow = (code: string): MondoRow => {
  const [, name, counterparts] = entryOf(rows(), code);
  return { name: name || null, counterparts: counterparts.split(" ") };
};

const counterpartOf = once((): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const [code, , counterparts] of rows().values()) {
    for (const each of counterparts.split(" ")) found.set(each, code);
  }
  return found;
});

/** The code that Mondo says is exactly the same as one of another system, such as ORPHA:803, or null. */
export const mondoOf = (curie: string): string | null => counterpartOf().get(curie) ?? null;

/** MONDO:4976 is MONDO:0004976. */
export const mondoNumber = (code: string): string => code.replace(/^MONDO[:_]?/, "").padStart(7, "0");

export const isMondo = (code: string): boolean => rows().has(code);
