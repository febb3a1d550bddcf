import { type BankAnswer, isSilent, type Search } from "../replies.ts";
import { clean } from "./clean.ts";
import { facetLines } from "./facet-table.ts";
import { inexactLines } from "./reading.ts";
import { table } from "./table.ts";
import type { View } from "./view.ts";
import { intervalOf, reasonsOf, releaseOf, statusOf } from "./words.ts";

/** The whole answer as lines: the question, a row per bank, the totals, what the banks understood, problems, facets. */
export const answerLines = (search: Search, view: View): readonly string[] => [
  view.paint(view.say(search.question.says), "bold"),
  "",
  ...bankTable(search, view),
  "",
  completeness(search, view),
  ...section("readings", search, readings, view),
  ...section("problems", search, problem, view),
  ...search.facets.flatMap((facet) => ["", ...facetLines(facet, view)]),
  "",
  `${view.word("snapshot")}: ${clean(search.snapshot.token)}`,
];

const bankTable = ({ banks, donors, samples, people }: Search, view: View): readonly string[] => {
  const { language, word, say } = view;
  const rows = banks.map(({ bank, status, release, donors, samples }) => ({
    name: say(bank.name),
    status: statusOf(status, language),
    counts: [donors, samples],
    release: release === null ? "" : releaseOf(release),
  }));
  const totals = [
    { name: word("enrolments"), status: "", counts: [donors, samples], release: "" },
    { name: word("people"), status: "", counts: [people], release: "" },
  ];
  const interval = (count: Search["people"] | undefined): string => (count === undefined ? "" : intervalOf(count));
  return table(
    [
      { title: word("bank"), cell: ({ name }) => name },
      { title: word("status"), cell: ({ status }) => status, style: "yellow" },
      { title: word("donors"), cell: ({ counts }) => interval(counts[0]), right: true },
      { title: word("samples"), cell: ({ counts }) => interval(counts[1]), right: true },
      { title: word("release"), cell: ({ release }) => release },
      { title: word("reasons"), cell: ({ counts }) => reasonsOf(counts, language), style: "dim" },
    ],
    [...rows, null, ...totals],
    view,
  );
};

const completeness = ({ complete, banks }: Search, { language, word, paint }: View): string => {
  if (complete) return word("allAnswered");
  if (banks.length === 0) return paint(word("nobodyAsked"), "yellow");
  const silent = banks.filter(isSilent).length;
  if (silent === 0) return paint(word("notCurrent"), "yellow");
  const words = {
    en: `Not complete: ${silent} of ${banks.length} banks did not answer; each counts as 0 to what it holds.`,
    ja: `不完全: ${banks.length}バンク中${silent}バンクが未回答です。未回答は0から保有数までとして数えています。`,
  };
  return paint(words[language], "yellow");
};

/** What there is to say of some banks, below a title. */
const section = (
  title: "readings" | "problems",
  { banks }: Search,
  linesOf: (bank: BankAnswer, view: View) => readonly string[],
  view: View,
): readonly string[] => {
  const lines = banks.flatMap((bank) => linesOf(bank, view));
  return lines.length === 0 ? [] : ["", view.paint(view.word(title), "bold"), ...lines];
};

const readings = ({ bank, understanding }: BankAnswer, view: View): readonly string[] => {
  const lines = inexactLines(understanding, view);
  return lines.length === 0 ? [] : [`  ${view.say(bank.name)}`, ...lines.map((line) => `    ${line}`)];
};

const problem = ({ bank, release, staleSince, problem }: BankAnswer, { language, say }: View): readonly string[] => {
  if (problem === null) return [];
  const wait = problem.retryAfterMs === null ? "" : ` (retryAfterMs: ${problem.retryAfterMs})`;
  const stale =
    staleSince === null || release === null ? [] : [staleLine(clean(staleSince), releaseOf(release))[language]];
  const lines = [...stale, say(problem.message), `${say(problem.remedy)}${wait}`];
  return [`  ${say(bank.name)}`, ...lines.map((line) => `    ${line}`)];
};

const staleLine = (since: string, release: string) => ({
  en: `Out of reach since ${since}: these are the numbers of ${release}, and there may be a newer release.`,
  ja: `${since} から接続できません。数は ${release} のもので、新しいリリースがあるかもしれません。`,
});
