import { facetLines } from "./facet-table.ts";
import type { BankAnswer, Search, Understanding } from "./replies.ts";
import { clean, type Paint, table } from "./table.ts";
import { intervalOf, type Language, reasonsOf, releaseOf, statusOf, verdictOf, WORDS } from "./words.ts";

/** The whole answer as lines: the question, a row per bank, the totals, what the banks understood, problems, facets. */
export const answerLines = (search: Search, language: Language, paint: Paint): readonly string[] => [
  paint(clean(search.question.says[language]), "bold"),
  "",
  ...bankTable(search, language, paint),
  "",
  completeness(search, language, paint),
  ...section(
    WORDS.readings[language],
    search.banks.flatMap((one) => readings(one, language)),
    paint,
  ),
  ...section(
    WORDS.problems[language],
    search.banks.flatMap((one) => problem(one, language)),
    paint,
  ),
  ...search.facets.flatMap((facet) => ["", ...facetLines(facet, language, paint)]),
  "",
  `${WORDS.snapshot[language]}: ${clean(search.snapshot.token)}`,
];

/** Whether a bank of the answer is silent: it gave no number of its own, old or new. */
export const isSilent = ({ status }: Pick<BankAnswer, "status">): boolean =>
  status !== "ANSWERED" && status !== "STALE";

/** `broader: says` for each criterion that a bank did not read exactly. */
export const inexact = (understanding: readonly Understanding[], language: Language): readonly string[] =>
  understanding
    .filter(({ verdict }) => verdict !== "EXACT")
    .map(({ verdict, says }) => `${verdictOf(verdict, language)}: ${clean(says[language])}`);

const bankTable = (search: Search, language: Language, paint: Paint): readonly string[] => {
  const columns = [
    { title: WORDS.bank[language] },
    { title: WORDS.status[language], style: "yellow" },
    { title: WORDS.donors[language], right: true },
    { title: WORDS.samples[language], right: true },
    { title: WORDS.release[language] },
    { title: WORDS.reasons[language], style: "dim" },
  ] as const;
  const reasons = (...counts: readonly Search["people"][]): string =>
    reasonsOf(
      counts.flatMap((count) => count.because),
      language,
    );
  const rows = search.banks.map((one) => [
    clean(one.bank.name[language]),
    statusOf(one.status, language),
    intervalOf(one.donors),
    intervalOf(one.samples),
    one.release === null ? "" : releaseOf(one.release),
    reasons(one.donors, one.samples),
  ]);
  const { donors, samples, people } = search;
  const totals = [
    [WORDS.enrolments[language], "", intervalOf(donors), intervalOf(samples), "", reasons(donors, samples)],
    [WORDS.people[language], "", intervalOf(people), "", "", reasons(people)],
  ];
  return table(columns, [...rows, null, ...totals], paint);
};

const completeness = ({ complete, banks }: Search, language: Language, paint: Paint): string => {
  if (complete) return WORDS.allAnswered[language];
  if (banks.length === 0) return paint(WORDS.nobodyAsked[language], "yellow");
  const silent = banks.filter(isSilent).length;
  if (silent === 0) return paint(WORDS.notCurrent[language], "yellow");
  const words = {
    en: `Not complete: ${silent} of ${banks.length} banks did not answer; each counts as 0 to what it holds.`,
    ja: `不完全: ${banks.length}バンク中${silent}バンクが未回答です。未回答は0から保有数までとして数えています。`,
  };
  return paint(words[language], "yellow");
};

const section = (title: string, lines: readonly string[], paint: Paint): readonly string[] =>
  lines.length === 0 ? [] : ["", paint(title, "bold"), ...lines];

const readings = ({ bank, understanding }: BankAnswer, language: Language): readonly string[] => {
  const lines = inexact(understanding, language);
  return lines.length === 0 ? [] : [`  ${clean(bank.name[language])}`, ...lines.map((line) => `    ${line}`)];
};

const problem = ({ bank, release, staleSince, problem }: BankAnswer, language: Language): readonly string[] => {
  if (problem === null) return [];
  const wait = problem.retryAfterMs === null ? "" : ` (retryAfterMs: ${problem.retryAfterMs})`;
  return [
    `  ${clean(bank.name[language])}`,
    ...(staleSince === null || release === null
      ? []
      : [`    ${stale(clean(staleSince), releaseOf(release), language)}`]),
    `    ${clean(problem.message[language])}`,
    `    ${clean(problem.remedy[language])}${wait}`,
  ];
};

const stale = (since: string, release: string, language: Language): string =>
  ({
    en: `Out of reach since ${since}: these are the numbers of ${release}, and there may be a newer release.`,
    ja: `${since} から接続できません。数は ${release} のもので、新しいリリースがあるかもしれません。`,
  })[language];
