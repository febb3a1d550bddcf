import { describe, expect, test } from "vitest";
import { answerLines } from "../../gateway/cli/print/answer.ts";
import { clean } from "../../gateway/cli/print/clean.ts";
import { facetLines } from "../../gateway/cli/print/facet-table.ts";
import { foundLines } from "../../gateway/cli/print/found.ts";
import { bankLines, conceptLines, fieldLines } from "../../gateway/cli/print/lists.ts";
import { publishedLine } from "../../gateway/cli/print/published.ts";
import { readingLines } from "../../gateway/cli/print/reading.ts";
import { type Column, table } from "../../gateway/cli/print/table.ts";
import { viewOf } from "../../gateway/cli/print/view.ts";
import { intervalOf, reasonsOf, statusOf } from "../../gateway/cli/print/words.ts";
import type { BankAnswer, FacetTable, Search, Understanding } from "../../gateway/cli/replies.ts";
import { BANK_ERRORS } from "../../schema/bank-error.ts";
import type { Uncertainty } from "../../schema/count.ts";
import { text } from "../../schema/text.ts";

const english = viewOf("en", false);
const japanese = viewOf("ja", false);
const rule = (width: number): string => "─".repeat(width);
const count = (min: number, max: number | null, ...because: readonly Uncertainty[]) => ({ min, max, because });

describe("a cell", () => {
  test.each([
    ["donors", 6],
    ["ドナー", 6],
    ["ﾊﾞﾝｸ", 4],
    ["が", 2],
    ["か\u3099", 2],
    ["（1,234）", 9],
    ["1–2", 3],
    ["👩‍⚕️", 2],
  ])("%s takes the columns of a terminal", (characters, width) => {
    expect(table([{ title: characters, cell: String }], [], english)).toEqual([characters, rule(width)]);
  });

  test("a count is one number only where it is exact", () => {
    expect(intervalOf(count(1234, 1234))).toBe("1,234");
    expect(intervalOf(count(1200, 1300))).toBe("1,200–1,300");
    expect(intervalOf(count(0, 300000))).toBe("0–300,000");
    expect(intervalOf(count(5, null))).toBe("≥ 5");
  });

  test("words that this version does not know are shown, never dropped", () => {
    expect(reasonsOf([{ because: ["ROUNDED"] }, { because: ["ROUNDED", "NEW_REASON"] }], "en")).toBe(
      "rounded, NEW_REASON",
    );
    expect(statusOf("ASLEEP", "en")).toBe("no answer (ASLEEP)");
    expect(statusOf("ANSWERED", "en")).toBe("");
  });

  test("nothing from a bank can steer the terminal", () => {
    expect(clean("BBJ\u001B[2J\r\nx\u202Ey")).toBe("BBJ [2J x y");
  });

  test("colours change no width and are left out where they are off", () => {
    const rows = [{ a: "糖尿病", b: "5" }] as const;
    const columns: readonly Column<(typeof rows)[number]>[] = [
      { title: "a", cell: ({ a }) => a },
      { title: "b", cell: ({ b }) => b, right: true, style: "yellow" },
    ];
    expect(table(columns, rows, english)).toEqual(["a       b", rule(9), "糖尿病  5"]);
    expect(table(columns, rows, viewOf("en", true))[2]).toBe("糖尿病  \u001B[33m5\u001B[39m");
  });
});

const understood = (verdict: string, en: string, ja: string): Understanding => ({
  criterion: { path: "disease", field: "DISEASE", says: text("type 2 diabetes", "2型糖尿病") },
  verdict,
  local: [],
  says: text(en, ja),
});

const SEARCH: Search = {
  id: "s1",
  question: { id: "q1", where: {}, says: text("Donors with type 2 diabetes", "2型糖尿病のドナー"), criteria: [] },
  donors: count(2400, 152600, "ROUNDED", "BANK_SILENT"),
  people: count(1200, 152600, "ROUNDED", "BANK_SILENT", "OVERLAP"),
  samples: count(9999, null, "BANK_SILENT"),
  banks: [
    {
      id: "s1-bbj",
      tookMs: 50,
      bank: { id: "bbj", name: text("BioBank Japan", "バイオバンク・ジャパン") },
      status: "ANSWERED",
      donors: count(1200, 1300, "ROUNDED", "CODE_BROADER"),
      samples: count(4999, 4999),
      understanding: [
        understood("BROADER", "BBJ knows diabetes mellitus only.", "BBJでは糖尿病のみです。"),
        understood("EXACT", "same", "同じ"),
      ],
      release: { id: "bbj@1", date: "2026-04-01", kind: "ANNOUNCED" },
      staleSince: null,
      problem: null,
    },
    {
      id: "s1-ncbn",
      tookMs: 50,
      bank: { id: "ncbn", name: text("NCBN", "NCBN") },
      status: "STALE",
      donors: count(1200, 1300, "ROUNDED"),
      samples: count(5000, 5000),
      understanding: [],
      release: { id: "ncbn@3", date: "2025-10-01", kind: "WATCHED" },
      staleSince: "2026-11-22T09:00:00.000Z",
      problem: {
        code: "BANK_BUSY",
        message: text("The bank has too much to do.", "バンクが混み合っています。"),
        remedy: text("Ask again later.", "後で再度検索してください。"),
        retryAfterMs: 2000,
      },
    },
    {
      id: "s1-tmm",
      tookMs: 5000,
      bank: { id: "tmm", name: text("Tohoku", "東北") },
      status: "TIMED_OUT",
      donors: count(0, 150000, "BANK_SILENT"),
      samples: count(0, null, "BANK_SILENT"),
      understanding: [],
      release: null,
      staleSince: null,
      problem: {
        code: "BANK_TIMEOUT",
        message: text("The bank did not answer in time.", "時間内に応答がありません。"),
        remedy: text("Allow more time.", "時間を延ばしてください。"),
        retryAfterMs: null,
      },
    },
  ],
  facets: [],
  waiting: 0,
  complete: false,
  snapshot: { token: "AbC-_9" },
};

describe("an answer", () => {
  test("is a table of banks, totals, what was understood, and problems", () => {
    expect(answerLines(SEARCH, english)).toEqual([
      "Donors with type 2 diabetes",
      "",
      "Bank                Status            Donors  Samples  Release              Why not exact",
      rule(110),
      "BioBank Japan                    1,200–1,300    4,999  bbj@1 (2026-04-01)   rounded, broader code",
      "NCBN                stale        1,200–1,300    5,000  ncbn@3 (2025-10-01)  rounded",
      "Tohoku              timed out      0–150,000      ≥ 0                       no answer",
      rule(110),
      "Total (enrolments)             2,400–152,600  ≥ 9,999                       rounded, no answer",
      "People                         1,200–152,600                                rounded, no answer, persons in several banks",
      "",
      "Not complete: 1 of 3 banks did not answer; each counts as 0 to what it holds.",
      "",
      "How banks read the question, where not exactly",
      "  BioBank Japan",
      "    broader: BBJ knows diabetes mellitus only.",
      "",
      "Problems",
      "  NCBN",
      "    Out of reach since 2026-11-22T09:00:00.000Z: these are the numbers of ncbn@3 (2025-10-01), and there may be a newer release.",
      "    The bank has too much to do.",
      "    Ask again later. (retryAfterMs: 2000)",
      "  Tohoku",
      "    The bank did not answer in time.",
      "    Allow more time.",
      "",
      "Snapshot (for --snapshot and --not-before): AbC-_9",
    ]);
  });

  test("speaks Japanese, in columns that stand straight", () => {
    const lines = answerLines({ ...SEARCH, banks: SEARCH.banks.slice(0, 1), complete: true }, japanese);
    expect(lines.slice(0, 11)).toEqual([
      "2型糖尿病のドナー",
      "",
      "バンク                         ドナー     試料  リリース            幅の理由",
      rule(98),
      "バイオバンク・ジャパン    1,200–1,300    4,999  bbj@1 (2026-04-01)  丸め、より広いコード",
      rule(98),
      "合計（登録数）          2,400–152,600  ≥ 9,999                      丸め、回答なし",
      "実人数                  1,200–152,600                               丸め、回答なし、バンク間の重複",
      "",
      "完全: すべてのバンクが最新リリースから回答しました。",
      "",
    ]);
  });

  test("that is incomplete although every bank answered says so", () => {
    const lines = answerLines({ ...SEARCH, banks: SEARCH.banks.slice(0, 1) }, english);
    expect(lines).toContain("Not complete: not every answer comes from the bank's current release.");
  });
});

describe("releases", () => {
  const [fresh, stale, silent] = SEARCH.banks as [BankAnswer, BankAnswer, BankAnswer];

  test("a stale answer says since when, and of which release", () => {
    const lines = answerLines({ ...SEARCH, banks: [stale] }, japanese);
    expect(lines).toContain(
      "    2026-11-22T09:00:00.000Z から接続できません。数は ncbn@3 (2025-10-01) のもので、新しいリリースがあるかもしれません。",
    );
    expect(lines).toContain("不完全: 最新でないリリースからの回答があります。");
    expect(lines.at(-1)).toBe("スナップショット（--snapshot と --not-before 用）: AbC-_9");
  });

  test("a release that is served no longer is said in the bank's row and below", () => {
    const problem = {
      code: "RELEASE_SUPERSEDED",
      message: text("Gone.", "ありません。"),
      remedy: text("Ask without.", "省いてください。"),
      retryAfterMs: null,
    };
    const lines = answerLines({ ...SEARCH, banks: [fresh, { ...silent, status: "SUPERSEDED", problem }] }, english);
    expect(lines.find((line) => line.startsWith("Tohoku"))).toMatch(/^Tohoku +superseded +0–150,000/);
    expect(lines.slice(-5)).toEqual(["  Tohoku", "    Gone.", "    Ask without.", "", lines.at(-1)]);
  });

  test("a bank that has left is said in its row and below, and the answer is not complete", () => {
    const { meaning: message, remedy } = BANK_ERRORS.BANK_WITHDRAWN;
    const problem = { code: "BANK_WITHDRAWN", message, remedy, retryAfterMs: null };
    const search = { ...SEARCH, banks: [fresh, { ...silent, status: "WITHDRAWN", problem }] };
    const lines = answerLines(search, english);
    expect(lines.find((line) => line.startsWith("Tohoku"))).toMatch(/^Tohoku +withdrawn +0–150,000/);
    expect(lines).toContain("Not complete: 1 of 2 banks did not answer; each counts as 0 to what it holds.");
    expect(lines.slice(-5, -2)).toEqual([
      "  Tohoku",
      "    The bank has left the federation.",
      "    Leave it out of banks, or write to the bank's contact.",
    ]);
    expect(answerLines(search, japanese).join()).toMatch(/脱退.*バンクは連合から脱退しました。/);
  });

  test("an empty snapshot asks nobody, and the answer says so", () => {
    expect(answerLines({ ...SEARCH, banks: [] }, english)).toContain("Not complete: no bank was asked.");
  });

  test.each([
    ["ANNOUNCED", "Published bbj@2 (2026-10-01): no gateway answers from an older release as fresh."],
    [
      "WATCHED",
      "Published bbj@2 (2026-10-01). This bank is WATCHED: a gateway may answer from an older one for one more lease.",
    ],
  ])("of kind %s, once published, promise what is true of them", (kind, line) => {
    expect(publishedLine({ id: "bbj@2", date: "2026-10-01", kind }, "en")).toBe(line);
    expect(publishedLine({ id: "bbj@2", date: "2026-10-01", kind }, "ja")).toContain(
      "bbj@2 (2026-10-01) を公開しました",
    );
  });
});

describe("a facet table", () => {
  const cell = (by: string, donors: number, across: string | null = null) => ({
    by: { value: by, label: text(by.toLowerCase(), by) },
    across: across === null ? null : { value: across, label: text(across.toLowerCase(), across) },
    counts: { donors: count(donors, donors), samples: count(donors * 2, donors * 2 + 5, "ROUNDED") },
  });
  const facet = (part: Partial<FacetTable>): readonly string[] => {
    const unlisted = { donors: count(0, 10), samples: count(0, 20) };
    const whole = {
      by: "SEX",
      across: null,
      level: null,
      overlapping: false,
      cells: [],
      unlisted,
      more: false,
      ...part,
    };
    return facetLines(whole, english);
  };

  test("has a row per value, and says what is not in it", () => {
    expect(
      facet({
        by: "DISEASE",
        cells: [cell("ICD10:E11", 1200), cell("NOT_RECORDED", 7)],
        overlapping: true,
        more: true,
      }),
    ).toEqual([
      "Disease              Donors      Samples  Why not exact",
      rule(55),
      "ICD10:E11 icd10:e11   1,200  2,400–2,405  rounded",
      "not_recorded              7        14–19  rounded",
      "There are more values: any one of them has 0–10 donors and 0–20 samples.",
      "A donor may stand in several rows: do not add them up.",
    ]);
  });

  test("across a second field is a grid in which a missing cell is no zero", () => {
    const cells = [cell("FEMALE", 5, "DNA"), cell("FEMALE", 6, "PLASMA"), cell("MALE", 7, "DNA")];
    expect(facet({ across: "SAMPLE_TYPE", cells })).toEqual([
      "Sex × Sample type",
      "Donors  dna  plasma",
      rule(19),
      "female    5       6",
      "male      7       -",
      "",
      "Samples    dna  plasma",
      rule(22),
      "female   10–15   12–17",
      "male     14–19       -",
    ]);
  });

  test("without any cell is its headings", () => {
    expect(facet({})).toEqual(["Sex  Donors  Samples  Why not exact", rule(35)]);
  });

  test("with too many columns for a grid is a list", () => {
    const cells = ["A", "B", "C", "D", "E", "F", "G"].map((across) => cell("FEMALE", 5, across));
    expect(facet({ across: "SAMPLE_TYPE", cells })).toHaveLength(3 + 7);
  });
});

test("a reading says per bank what is exact, what is not, and which breakdowns are lost", () => {
  const bank = SEARCH.banks[0]!;
  const reading = {
    question: SEARCH.question,
    banks: [
      { bank: bank.bank, known: true, understanding: bank.understanding, lostFacets: ["STORAGE", "SEX"] },
      { bank: SEARCH.banks[1]!.bank, known: true, understanding: [], lostFacets: [] },
      { bank: SEARCH.banks[2]!.bank, known: false, understanding: [], lostFacets: ["SEX"] },
    ],
  };
  expect(readingLines(reading, english)).toEqual([
    "Donors with type 2 diabetes",
    "",
    "BioBank Japan",
    "  broader: BBJ knows diabetes mellitus only.",
    "  cannot break down by: Storage, Sex",
    "",
    "NCBN",
    "  exact",
    "",
    "Tohoku",
    "  not known: the bank has not said how it reads the question",
    "  cannot break down by: Sex",
  ]);
});

test("concepts stand beside the banks that record them, and are said to be found by another name", () => {
  const at = (id: string, verdict: string) => ({ bank: { id }, verdict });
  const concept = {
    code: "ICD10:E11",
    label: text("Type 2 diabetes mellitus", "2型糖尿病"),
    matched: "E11",
    hasChildren: true,
    banks: [at("bbj", "BROADER"), at("cancer", "NOT_COLLECTED"), at("ncbn", "EXACT"), at("tmm", "EXACT")],
  };
  const leaf = { ...concept, code: "NANBYO:2", matched: "ALS", hasChildren: false, banks: [at("rare", "NARROWER")] };
  expect(conceptLines([concept, { ...leaf, label: text("Amyotrophic lateral sclerosis", "") }], english)).toEqual([
    "Code       Name                           Found as  exact      broader  narrower",
    rule(80),
    "ICD10:E11  Type 2 diabetes mellitus +               ncbn, tmm  bbj",
    "NANBYO:2   Amyotrophic lateral sclerosis  ALS                           rare",
  ]);
  expect(conceptLines([], japanese)).toEqual(["該当するコードがありません。"]);
});

test("what is found stands with its field and the banks that record it, else the near names", () => {
  const hit = {
    field: "SAMPLE_TYPE",
    value: { value: "PLASMA", label: text("plasma", "血漿") },
    match: { name: "血しょう", kind: "SYNONYM" },
    banks: [{ bank: { id: "tmm" }, verdict: "EXACT" }],
  };
  const says = text("Names that match “血しょう”", "「血しょう」に合う名称");
  expect(foundLines({ says, hits: [hit], nearest: [] }, english)).toEqual([
    "Names that match “血しょう”",
    "Field        Value   Name    Found as  exact",
    rule(44),
    "Sample type  PLASMA  plasma  血しょう  tmm",
  ]);
  expect(foundLines({ says, hits: [], nearest: [{ ...hit, field: null }] }, english).slice(0, 3)).toEqual([
    "Names that match “血しょう”",
    "Nothing has that name.",
    "Near names:",
  ]);
  expect(foundLines({ says, hits: [], nearest: [] }, japanese)).toEqual([
    "「血しょう」に合う名称",
    "該当するものがありません。",
  ]);
});

test("banks and fields are plain tables, without columns that nobody fills", () => {
  const bank = {
    id: "bbj",
    name: text("BioBank Japan", "バイオバンク・ジャパン"),
    adapter: "tabular",
    state: "LIVE",
    size: { donors: 300000, samples: null },
    release: null,
    contact: { email: "office@bbj.example" },
    access: { requestUrl: null },
  };
  expect(bankLines([bank], english)).toEqual([
    "Id   Bank           Local API  State  Donors (at most)  Contact",
    rule(74),
    "bbj  BioBank Japan  tabular    LIVE            300,000  office@bbj.example",
  ]);
  expect(bankLines([], english)).toEqual(["No bank has joined."]);
  const sex = { field: "SEX", label: text("Sex", "性別"), values: [{ value: "MALE", label: text("Male", "男性") }] };
  expect(fieldLines([sex], japanese)).toEqual(["項目  値    名称", rule(16), "SEX         性別", "      MALE  男性"]);
});
