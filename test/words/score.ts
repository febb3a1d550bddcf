import { readFileSync } from "node:fs";

/** The files of queries: what people type, the same by ourselves in other styles, and clinical Japanese. */
export const QUERY_FILES = ["everyday", "people", "mixed", "rough", "various", "spoken", "clinical"] as const;

/** One query of a file of queries, with the codes that are right. */
export type Query = {
  readonly query: string;
  readonly lang: string;
  readonly want: readonly string[];
  readonly note: string;
};

export const queriesOf = (file: string): readonly Query[] =>
  readFileSync(new URL(`${file}.tsv`, import.meta.url), "utf8")
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => {
      const [query = "", lang = "", want = "", note = ""] = line.split("\t");
      return { query, lang, want: want.split("|"), note };
    });

/** Shares of queries whose right code is first, among three and among ten, and the mean of 1 / place. */
export type Score = {
  readonly name: string;
  readonly count: number;
  readonly first: number;
  readonly three: number;
  readonly ten: number;
  readonly reciprocal: number;
};

type Missed = Query & { readonly got: readonly string[] };

/** Scores of all queries, of each language and of each kind; and those whose right code is not first. */
export const scoresOf = (
  queries: readonly Query[],
  find: (query: string) => readonly string[],
): { readonly rows: readonly Score[]; readonly missed: readonly Missed[] } => {
  const asked = queries.map((query) => {
    const got = find(query.query);
    return { ...query, got, place: got.findIndex((code) => query.want.includes(code)) };
  });
  const names = ["all", ...new Set(asked.flatMap(({ lang, note }) => [lang, ...note.split(", ")]))];
  const rows = names.map((name) => {
    const of = asked.filter(({ lang, note }) => name === "all" || lang === name || note.split(", ").includes(name));
    const share = (most: number): number => of.filter(({ place }) => place >= 0 && place < most).length / of.length;
    const sum = of.reduce((total, { place }) => total + (place < 0 ? 0 : 1 / (place + 1)), 0);
    return { name, count: of.length, first: share(1), three: share(3), ten: share(10), reciprocal: sum / of.length };
  });
  return { rows, missed: asked.filter(({ place }) => place !== 0) };
};
