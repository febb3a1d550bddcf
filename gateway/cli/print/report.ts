import type { BankReport } from "../../../subgraphs/check/check-bank.ts";
import { clean } from "./clean.ts";
import { type Column, table } from "./table.ts";
import type { View } from "./view.ts";

type Finding = BankReport["findings"][number];
type Coverage = BankReport["coverage"][number];
type Tally = NonNullable<Coverage["mapped"]>;

const MARKS = { ERROR: "✗", WARNING: "!", INFO: "·" } as const;
const LEVELS = ["ERROR", "WARNING", "INFO"] as const;

/** The report of a check, for the operator's own terminal. */
export const reportLines = (report: BankReport, view: View): readonly string[] => {
  const { bank, kind, release, everything, file, findings, coverage } = report;
  const sorted = LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
  const number = (level: Finding["level"]): number => findings.filter((finding) => finding.level === level).length;
  const held = [
    ...(release === null ? [] : [`${release.id} (${release.date}, ${release.kind})`]),
    ...(everything.donors === null ? [] : [`${everything.donors} ${view.word("donors")}`]),
    ...(everything.samples === null ? [] : [`${everything.samples} ${view.word("samples")}`]),
  ];
  return [
    view.paint([clean(file), bank, kind].filter((part) => part !== null).join(" · "), "bold"),
    ...(held.length === 0 ? [] : [clean(held.join(" · "))]),
    "",
    ...sorted.flatMap((finding) => findingLines(finding, view)),
    ...(coverage.length === 0 ? [] : [...table(COLUMNS(view), coverage, view), ""]),
    view
      .word("checkResult")
      .replace("{errors}", String(number("ERROR")))
      .replace("{warnings}", String(number("WARNING"))) +
      view.word(!report.checked ? "checkNot" : number("ERROR") > 0 ? "checkWrong" : "checkRight"),
  ];
};

const findingLines = (finding: Finding, view: View): readonly string[] => {
  const { id, level, at, field, file, line, column, message, wanted, got, remedy, skippedBecause } = finding;
  const place = [
    file === null ? null : `${file}${line === null ? "" : `:${line}`}`,
    column,
    at ?? (file === null ? field : null),
  ].filter((part) => part !== null);
  const head = `${MARKS[level]} ${view.say(message)}  ${view.paint(id, "dim")}${place.length === 0 ? "" : `  ${clean(place.join(", "))}`}`;
  const say = (word: Parameters<View["word"]>[0], said: string | null): readonly string[] =>
    said === null ? [] : [`    ${view.word(word)} ${clean(said)}`];
  return [
    level === "ERROR" ? view.paint(head, "yellow") : head,
    ...say("checkWanted", wanted),
    ...say("checkGot", got),
    ...(skippedBecause === null ? [] : [`    ← ${skippedBecause}`]),
    ...(remedy === null ? [] : [`    → ${view.say(remedy)}`]),
    "",
  ];
};

const COLUMNS = ({ word }: View): readonly Column<Coverage>[] => {
  const tally = (title: string, of: (coverage: Coverage) => Tally | undefined): readonly Column<Coverage>[] => [
    { title, cell: (coverage) => of(coverage)?.rows.toLocaleString("en") ?? "?", right: true },
    { title: word("checkDonors"), cell: (coverage) => of(coverage)?.donors.toLocaleString("en") ?? "?", right: true },
  ];
  return [
    { title: word("checkField"), cell: ({ field }) => field },
    ...tally(word("checkMapped"), ({ mapped }) => mapped),
    ...tally(word("checkUnmapped"), ({ unmapped }) => unmapped),
    ...tally(word("checkAbsent"), ({ absent }) => absent),
    ...tally(word("checkDropped"), ({ dropped }) => dropped),
  ];
};
