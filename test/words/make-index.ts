import { readFileSync } from "node:fs";
import { codeSystem, DISEASE_SYSTEMS, splitDisease } from "../../schema/codes/disease-code.ts";
import { icd10Listed } from "../../schema/codes/icd10-listed.ts";
import { orphaTable } from "../../schema/codes/rare.ts";
import { buildIndex, grouped, type Named } from "../../schema/words/build-index.ts";
import { foldName } from "../../schema/words/fold.ts";
import type { NameKind } from "../../schema/words/index-file.ts";
import { kanaOf } from "../../schema/words/kana.ts";
import { priorOf } from "./priors.ts";

/** The files of `sources/`: code, language, kind, source, and names joined by `|`. */
export const SOURCES = ["lay", "common", "synonyms", "synonyms-orpha"] as const;

/** The index file of all names, uncompressed. */
export const makeIndex = (): Buffer => {
  const names = allNames();
  return buildIndex([...names, ...readingsOf(names)], priorOf);
};

/** The names of all codes: their own ones, and those of the sources. Of one code and one folded name the first is taken. */
export const allNames = (): readonly Named[] => {
  const seen = new Set<string>();
  const own = ownNames();
  const isPart = partsOfCategories(own);
  return [...own, ...SOURCES.flatMap(namesIn)].flatMap((named) => {
    const key = `${named.code} ${foldName(named.name)}`;
    if (key.endsWith(" ") || seen.has(key)) return [];
    seen.add(key);
    return [isPart(named) ? { ...named, kind: "NARROWER" } : named];
  });
};

/** Whether an everyday name of a category that holds many rare diseases is the name of one of those. */
const partsOfCategories = (own: readonly Named[]): ((named: Named) => boolean) => {
  const categoriesOf = (orpha: string): readonly string[] =>
    orphaTable()
      .icd10(orpha)
      .flatMap(({ code, relation }) => (relation === "<" ? [`ICD10:${code.slice(0, 3)}`] : []));
  const rare = own
    .filter(({ code }) => code.startsWith("ORPHA:"))
    .map(({ name, code }) => {
      return { name: foldName(name), categories: categoriesOf(code.slice("ORPHA:".length)) };
    });
  const held = grouped(
    rare.flatMap(({ categories }) => categories),
    (category) => category,
  );
  const names = new Set(rare.flatMap(({ name, categories }) => categories.map((category) => `${category} ${name}`)));
  return ({ name, code, kind }) =>
    kind === "LAY" && (held.get(code)?.length ?? 0) >= MANY && names.has(`${code} ${foldName(name)}`);
};

/** From this many rare diseases on, a category is no everyday one. */
const MANY = 8;

const ownNames = (): readonly Named[] =>
  DISEASE_SYSTEMS.flatMap((system) => {
    const { names, synonyms, codes } = codeSystem(system);
    return [...(system === "ICD10" ? icd10Listed() : codes())].flatMap((own): readonly Named[] => {
      const code = `${system}:${own}`;
      return [
        ...names(own).map((name): Named => ({ name, code, kind: "NAME" })),
        ...synonyms(own).map((name): Named => ({ name, code, kind: "SYNONYM" })),
      ];
    });
  });

/** One row of a source file. */
export type SourceRow = {
  readonly code: string;
  readonly lang: string;
  readonly kind: string;
  readonly source: string;
  readonly names: readonly string[];
};

export const rowsOf = (file: string): readonly SourceRow[] =>
  readFileSync(new URL(`sources/${file}.tsv`, import.meta.url), "utf8")
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => {
      const [code = "", lang = "", kind = "", source = "", names = ""] = line.split("\t");
      return { code, lang, kind, source, names: names.split("|") };
    });

const namesIn = (file: string): readonly Named[] =>
  rowsOf(file).flatMap((row) => {
    const [system, own] = splitDisease(row.code);
    if (codeSystem(system).normalize(own) !== own) return [];
    return row.names.map((name): Named => ({ name, code: row.code, kind: kindOf(row) }));
  });

const kindOf = ({ kind, source }: SourceRow): NameKind => {
  if (kind === "narrower") return "NARROWER";
  if (kind === "abbreviation") return "ABBREVIATION";
  if (kind === "spelling") return source === "own" ? "SPELLING" : "READING";
  return source === "own" ? "LAY" : "SYNONYM";
};

/** Names of everyday codes in kana, with the name that is read behind a tab. */
const readingsOf = (named: readonly Named[]): readonly Named[] =>
  named.flatMap(({ name, code, kind }) => {
    if (!/^(?:ICD10|NANBYO):/.test(code) || !/^(?:NAME|LAY|SYNONYM)$/.test(kind) || name.length > LONGEST) return [];
    const folded = foldName(name).replaceAll(" ", "");
    const read = kanaOf(folded);
    return read === folded || !/[一-鿿]/.test(name)
      ? []
      : [{ name: `${read}\t${name}`, code, kind: "READING" as const }];
  });

/** Longer names are not typed in kana. */
const LONGEST = 14;
