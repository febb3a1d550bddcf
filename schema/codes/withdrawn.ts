import { once, remember } from "../once.ts";
import { type Label, labelOf } from "../text.ts";
import { findDiseases } from "../words/find-diseases.ts";
import { wordsOf as foldedWords, foldName } from "../words/fold.ts";
import { codeSystem, type DiseaseSystem, splitDisease } from "./disease-code.ts";
import { mondoNumber } from "./mondo.ts";
import { tablesIn } from "./rows.ts";

/**
 * Codes that their systems have withdrawn. Records may still hold them, questions may not.
 *
 * ORPHA and NANDO mark theirs in their own tables. Where `data/withdrawn.json` comes from (code, names, what to ask instead):
 * the rest, and successors. MONDO: what Mondo 2026-08-04 calls obsolete, with the codes in use that share its match.
 * ONCOTREE: codes of earlier editions that the one of 2025-10-03 lacks. ICD10: codes that WHO's updates up to 2013 took out:
 * in a list of an earlier edition, and in neither WHO's of 2019 nor the two sources of `data/icd10.json`. Successors are matched by us, by name and by matches; they are
 * suggestions and are never read as equal.
 */
export type Withdrawn = { readonly code: string; readonly label: Label };

/** The withdrawn code, with its system; null for a code in use and for one that never existed. */
export const withdrawnCode = (system: DiseaseSystem, code: string): Withdrawn | null => {
  const { normalize, label, withdrawn } = codeSystem(system);
  const known = normalize(code);
  const own = known ?? spelled(system, code);
  const row = rowOf(system, own);
  if (row === undefined && !(known !== null && withdrawn(known))) return null;
  if (row?.label === undefined && known === null) return null;
  return { code: `${system}:${own}`, label: row?.label ?? label(known!) };
};

/** The subcategories of a category that was taken out went with it. */
const rowOf = (system: DiseaseSystem, own: string): WithdrawnRow | undefined =>
  listed().get(`${system}:${own}`) ?? (system === "ICD10" ? listed().get(`ICD10:${own.slice(0, 3)}`) : undefined);

const spelled = (system: DiseaseSystem, code: string): string => {
  const plain = code.normalize("NFKC").trim().toUpperCase();
  if (system === "MONDO") return mondoNumber(plain);
  return system === "ICD10" ? plain.replace(/^(\w{3})(\w)$/, "$1.$2") : plain;
};

type WithdrawnRow = { readonly label: Label | undefined; readonly successors: readonly string[] };

type TableRow = readonly [code: string, en?: string, ja?: string, successors?: string];
const listed = once((): ReadonlyMap<string, WithdrawnRow> => {
  const { codes } = tablesIn<{ readonly codes: TableRow }>("withdrawn");
  const rowFrom = ([code, en, ja, successors]: TableRow): readonly [string, WithdrawnRow] => [
    code,
    { label: en ? labelOf(en, ja) : undefined, successors: successors ? successors.split(" ") : [] },
  ];
  return new Map(codes.map(rowFrom));
});

/** What to ask instead of a withdrawn code, at most three: its successors, or else what is in use under the nearest names. */
export const insteadOf = ({ code, label }: Withdrawn): readonly string[] => {
  const [system, own] = splitDisease(code);
  const row = rowOf(system, own);
  if (row !== undefined && row.successors.length > 0) return row.successors.slice(0, 3);
  return nearestNames(`${system}:${bare(label.en)}`);
};

const bare = (name: string): string => name.replace(/^(?:non rare in europe|ob\w*ete)\s*:?\s+/i, "");

const nearestNames = remember((asked: string): readonly string[] => {
  const [system, name] = splitDisease(asked);
  const wanted = wordsOf(name);
  const scored = namesOf(system).flatMap(({ code, words }) => {
    const score = alike(wanted, words);
    return score < ALIKE ? [] : [{ code, score }];
  });
  scored.sort((a, b) => b.score - a.score);
  if (scored.length > 0) return scored.slice(0, 3).map(({ code }) => code);
  return findDiseases(name, 20)
    .hits.map(({ code }) => code)
    .filter((code) => withdrawnCode(...splitDisease(code)) === null)
    .slice(0, 3);
});

/** Least similarity of two names, from 0 to 1, for which one suggests the other. */
const ALIKE = 0.6;

const namesOf = remember((system: string) => {
  const { codes, label, withdrawn } = codeSystem(system as DiseaseSystem);
  return codes()
    .filter((code) => !withdrawn(code))
    .map((code) => ({ code: `${system}:${code}`, words: wordsOf(label(code).en) }));
});

const wordsOf = (name: string): ReadonlySet<string> => new Set(foldedWords(foldName(name)));

/** Dice coefficient of two sets of words. */
const alike = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  let common = 0;
  for (const word of a) if (b.has(word)) common += 1;
  return (2 * common) / (a.size + b.size);
};
