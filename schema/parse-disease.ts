import { codeSystem, DISEASE_SYSTEMS, type DiseaseSystem, isDiseaseSystem } from "./codes/disease-code.ts";
import { insteadOf, withdrawnCode } from "./codes/withdrawn.ts";
import { nearest, type QuestionError, show, wanted } from "./question-error.ts";
import { type Text, text } from "./text.ts";
import { parseCurie } from "./vocabulary.ts";
import { findDiseases } from "./words/find-diseases.ts";

/**
 * Which withdrawn codes are accepted: `none`, as in questions; `recorded`, those that records may hold and whose place is
 * known; or `all`.
 */
export type Withdrawal = "none" | "recorded" | "all";

/**
 * A disease code in its normal form, with its system. @throws {QuestionError} for an unknown code or system, and for a
 * withdrawn code that is not accepted, with the nearest codes in use as suggestions
 */
export const diseaseCode = (value: string, at: string, withdrawn: Withdrawal = "none"): string => {
  const curie = parseCurie(value.normalize("NFKC").trim());
  if (curie === null || !isDiseaseSystem(curie.system)) throw unknown(at, ANY, value, inOtherSystems(value));
  const { system } = curie;
  const known = codeSystem(system).normalize(curie.code);
  const former = withdrawnCode(system, curie.code);
  if (former !== null && withdrawn === "all") return former.code;
  if (former !== null && (withdrawn === "none" || known === null)) {
    const { en, ja } = former.label;
    const got = text(`${show(value)}, which was withdrawn (${en})`, `廃止された ${show(value)}（${ja}）`);
    throw wanted(at, text("a code in use", "使用中のコード"), got, { suggestions: insteadOf(former) });
  }
  if (known !== null) return `${system}:${known}`;
  throw unknown(at, WANTED[system], value, nearestCodes(system, curie.code));
};

const unknown = (at: string, want: Text, value: string, suggestions: readonly string[]): QuestionError =>
  wanted(at, want, show(value), { code: "UNKNOWN_CODE", suggestions });

const ANY = text(
  `a code of ${DISEASE_SYSTEMS.join(", ")} with its system, such as ICD10:E11`,
  `ICD10:E11 のような体系付きのコード（${DISEASE_SYSTEMS.join("・")}）`,
);

const WANTED: { readonly [S in DiseaseSystem]: Text } = {
  ICD10: text("a code of ICD-10, a range of categories or a chapter", "ICD-10 のコード、分類の範囲、または章"),
  ORPHA: text("a code of Orphanet such as ORPHA:803", "ORPHA:803 のような Orphanet のコード"),
  NANBYO: text(
    "the number of a designated disease, NANBYO:1 to NANBYO:348",
    "指定難病の告示番号（NANBYO:1 から NANBYO:348）",
  ),
  NANDO: text("a class of NANDO such as NANDO:1200002", "NANDO:1200002 のような NANDO のクラス"),
  ONCOTREE: text("a code of OncoTree such as ONCOTREE:LUAD", "ONCOTREE:LUAD のような OncoTree のコード"),
  BBJ: text(
    "a target disease of BioBank Japan, BBJ:1 to BBJ:51",
    "バイオバンク・ジャパンの対象疾患（BBJ:1 から BBJ:51）",
  ),
  MONDO: text(
    "a code of Mondo with an exact match in ORPHA, ONCOTREE or ICD10, such as MONDO:0004976",
    "ORPHA・ONCOTREE・ICD10 に完全に対応する Mondo のコード（MONDO:0004976 など）",
  ),
};

const MOST = 3;

/** Suggestions for a mistyped code of a system: the same code of another system, the nearest of its own, or codes by name. */
const nearestCodes = (system: DiseaseSystem, code: string): readonly string[] => {
  const own = codeSystem(system).suggest(code);
  return usableOr([...withoutSystem(code), ...own.map((near) => `${system}:${near}`)], code);
};

/** Suggestions for a code of an unknown system, or of none: the code in a system of a similar name or in any, or by name. */
const inOtherSystems = (value: string): readonly string[] => {
  const bare = withoutSystem(value);
  if (bare.length > 0) return bare.slice(0, MOST);
  const [, name = "", code = ""] = /^([^:\s]*)[:\s]+(.*)$/.exec(value.normalize("NFKC").trim()) ?? [];
  const alike = DISEASE_SYSTEMS.filter((system) => begins(name, system) || begins(system, name));
  const systems = alike.length > 0 ? alike : (nearest(name, DISEASE_SYSTEMS) as readonly DiseaseSystem[]);
  const named = systems.flatMap((system) => codeIn(system, code));
  return usableOr([...new Set([...named, ...withoutSystem(code)])], value);
};

/** Those of the codes that are in use or, where none is, codes by name. */
const usableOr = (codes: readonly string[], name: string): readonly string[] => {
  const usable = codes.filter(inUse).slice(0, MOST);
  return usable.length > 0 ? usable : called(name);
};

/** Codes in use of diseases with this name: askers who do not know the codes give names. */
const called = (name: string): readonly string[] =>
  /\p{L}{2}/u.test(name)
    ? findDiseases(name, 2 * MOST)
        .hits.map(({ code }) => code)
        .filter(inUse)
        .slice(0, MOST)
    : [];

const begins = (text: string, start: string): boolean =>
  start.length > 2 && text.toUpperCase().startsWith(start.toUpperCase());

/** The codes with this spelling in all systems; none for bare numbers, which are in too many. */
const withoutSystem = (code: string): readonly string[] =>
  /^\s*\d*\s*$/.test(code) ? [] : DISEASE_SYSTEMS.flatMap((system) => codeIn(system, code)).filter(inUse);

/** The code in one system; none where the system does not have it. */
const codeIn = (system: DiseaseSystem, code: string): readonly string[] => {
  const known = codeSystem(system).normalize(code);
  return known === null ? [] : [`${system}:${known}`];
};

const inUse = (curie: string): boolean => {
  const { system, code } = parseCurie(curie)!;
  return withdrawnCode(system as DiseaseSystem, code) === null;
};
