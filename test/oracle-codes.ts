import bbj from "../schema/codes/data/bbj.json" with { type: "json" };
import mondo from "../schema/codes/data/mondo.json" with { type: "json" };
import nando from "../schema/codes/data/nando.json" with { type: "json" };
import oncotree from "../schema/codes/data/oncotree.json" with { type: "json" };
import orpha from "../schema/codes/data/orpha.json" with { type: "json" };
import { once } from "../schema/once.ts";

/**
 * The oracle's own reading of the code tables: which diseases a donor has whose true codes are known. It takes rows and
 * references from the tables and walks up from code to code; it knows no sets, spans or places.
 *
 * A donor's diagnoses fix the systems in which they are written. In the other ones the donor has what follows for sure: what
 * a code is the same as or narrower than. What might be so as well is not so in this world.
 */
type Row = readonly string[];
type Reference = { readonly relation: string; readonly code: string };
const references = (cell: string | undefined): readonly Reference[] =>
  cell ? cell.split(" ").map((each) => ({ relation: each[0]!, code: each.slice(1) })) : [];

const PARENTS = new Map<string, readonly string[]>();
/** To ICD-10. */
const ICD10 = new Map<string, readonly Reference[]>();
const PARENT_OF = new Set<string>();
const place = (system: string, code: string, parents: string | undefined, icd10: string | undefined): void => {
  PARENTS.set(
    `${system}:${code}`,
    (parents ? parents.split(" ") : []).map((parent) => `${system}:${parent}`),
  );
  ICD10.set(`${system}:${code}`, references(icd10));
};
for (const [code, , parents, icd10] of orpha.codes as Row[]) place("ORPHA", code!, parents, icd10);
for (const [code, , parent, icd10] of oncotree.codes as Row[]) place("ONCOTREE", code!, parent, icd10);
for (const [code, , , parents] of nando.classes as Row[]) place("NANDO", code!, parents, undefined);
for (const parents of PARENTS.values()) for (const parent of parents) PARENT_OF.add(parent);

type Numbered = { readonly root: string; readonly orpha: readonly Reference[]; readonly icd10: readonly Reference[] };
const NUMBERS = new Map(
  (nando.numbers as Row[]).map(([number, , , root, toOrpha, icd10]): [string, Numbered] => [
    `NANBYO:${number}`,
    { root: `NANDO:${root}`, orpha: references(toOrpha), icd10: references(icd10) },
  ]),
);
const COUNTERPARTS = new Map((mondo.codes as Row[]).map(([code, , same]) => [`MONDO:${code}`, same!.split(" ")]));
const TARGETS = new Map((bbj.codes as Row[]).map(([code, , , icd10]) => [`BBJ:${code}`, icd10!.split(" ")]));

const systemOf = (code: string): string => code.slice(0, code.indexOf(":"));

/** ICD10:E11.2 is ICD10:E11.2, lies below ICD10:E11, and in the range ICD10:E10-E14. */
export const isOrBelow = (code: string, asked: string, descendants: boolean): boolean => {
  if (!code.startsWith("ICD10:") || !asked.startsWith("ICD10:")) return code === asked;
  const [own, wanted] = [code.slice(6), asked.slice(6)];
  const category = own.slice(0, 3);
  const [first, last] = wanted.split("-");
  if (first !== undefined && last !== undefined) {
    const [from, to] = own.includes("-") ? own.split("-") : [category, category];
    return from! >= first && to! <= last && (descendants || own === category);
  }
  return own === wanted || (descendants && wanted.length === 3 && category === wanted && !own.includes("-"));
};

/** Codes of ICD-10; the donor has one of them. */
type OneOf = readonly string[];

/** All that a donor with these diagnoses has of ICD-10 and, worked out when it is asked for, of the other systems. */
type Known = { readonly icd10: readonly OneOf[]; readonly others: () => Others };
/** Codes that hold for the donor, and those that are the donor's very own. */
type Others = { readonly has: ReadonlySet<string>; readonly own: ReadonlySet<string> };

const KNOWN = new Map<string, Known>();
const knownOf = (diagnoses: readonly string[]): Known => {
  const key = diagnoses.join(" ");
  const before = KNOWN.get(key);
  if (before !== undefined) return before;
  const fixed = new Set(diagnoses.map(systemOf));
  const others = diagnoses.filter((code) => !code.startsWith("ICD10:"));
  // A code of ICD-10 that the references of another code of the donor contradict is of no world; then those are believed.
  const listed = diagnoses
    .filter((code) => code.startsWith("ICD10:") && others.every((other) => mayBe(other, code)))
    .map((code) => [code]);
  if (listed.length === 0) fixed.delete("ICD10");
  const own = new Set(others);
  for (const code of others) addOwn(code, fixed, own);
  const icd10 = [...listed, ...(fixed.has("ICD10") ? [] : [...own].flatMap(boundsOf))];
  const known = { icd10, others: once(() => othersOf(own, icd10, fixed)) };
  KNOWN.set(key, known);
  return known;
};

const othersOf = (given: ReadonlySet<string>, icd10: readonly OneOf[], fixed: ReadonlySet<string>): Others => {
  const own = new Set(given);
  for (const bound of icd10) {
    for (const code of insiders(bound)) {
      if (fixed.has(systemOf(code)) || (systemOf(code) === "ORPHA" && fixed.has("NANBYO"))) continue;
      own.add(code);
      addOwn(code, fixed, own);
    }
  }
  const has = new Set(own);
  for (const each of has) for (const parent of PARENTS.get(each) ?? []) has.add(parent);
  for (const [number, { root, orpha: same }] of NUMBERS) {
    const within = [root, ...same.flatMap(({ relation, code }) => (relation === "<" ? [] : [`ORPHA:${code}`]))];
    if (!fixed.has("NANBYO") && within.some((code) => has.has(code))) {
      has.add(number);
      has.add(root);
    }
  }
  for (const each of has) for (const parent of PARENTS.get(each) ?? []) has.add(parent);
  return { has, own };
};

/** What a number is, beside itself. */
const addOwn = (code: string, fixed: ReadonlySet<string>, own: Set<string>): void => {
  const number = NUMBERS.get(code);
  if (number === undefined) return;
  own.add(number.root);
  for (const { relation, code: other } of number.orpha) {
    if ((relation === "=" || relation === "<") && !fixed.has("ORPHA")) own.add(`ORPHA:${other}`);
  }
};

const mayBe = (code: string, icd10: string): boolean => {
  const bounds = boundsOf(code);
  const near = (bound: OneOf) => bound.some((each) => isOrBelow(icd10, each, true) || isOrBelow(each, icd10, true));
  return NUMBERS.get(code)?.icd10.some(({ relation }) => relation === "~") !== true && bounds.every(near);
};

/** Where in ICD-10 a code is for sure: by its own references, else by those of what lies above it. */
const boundsOf = (code: string): readonly OneOf[] => {
  const all = NUMBERS.get(code)?.icd10 ?? ICD10.get(code) ?? [];
  const near = all.filter(({ relation }) => relation === "=" || relation === "<");
  const wide = all.filter(({ relation }) => relation === ">");
  if (near.length > 0) return [[...near, ...wide].map((reference) => `ICD10:${reference.code}`)];
  return all.length > 0 ? [] : (PARENTS.get(code) ?? []).flatMap(boundsOf);
};

/** Codes that all of ICD-10's that may be the donor's lie within. */
const insiders = (bound: OneOf): readonly string[] =>
  [...ICD10].flatMap(([code, all]) => {
    const around = all.filter(({ relation }) => relation === "=" || relation === ">");
    return around.length > 0 && bound.every((each) => around.some((r) => isOrBelow(each, `ICD10:${r.code}`, true)))
      ? [code]
      : [];
  });

/** Whether a donor with these diagnoses has a disease, or one that lies below it. */
export const hasDisease = (diagnoses: readonly string[], asked: string, descendants: boolean): boolean => {
  const same = COUNTERPARTS.get(asked);
  if (same !== undefined) return same.some((code) => hasDisease(diagnoses, code, descendants));
  const { icd10, others } = knownOf(diagnoses);
  const among = TARGETS.get(asked)?.map((code) => `ICD10:${code}`) ?? (asked.startsWith("ICD10:") ? [asked] : null);
  if (among !== null) {
    const below = descendants || TARGETS.has(asked);
    return icd10.some((bound) => bound.every((code) => among.some((wanted) => isOrBelow(code, wanted, below))));
  }
  const { has, own } = others();
  if (descendants || asked.startsWith("NANBYO:")) return has.has(asked);
  return own.has(asked) && (diagnoses.includes(asked) || !PARENT_OF.has(asked));
};
