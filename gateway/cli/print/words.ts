import type { Count, Uncertainty } from "../../../schema/count.ts";
import { FIELDS, type FieldName } from "../../../schema/fields.ts";
import { type Text, text } from "../../../schema/text.ts";
import type { Verdict } from "../../../schema/verdict.ts";
import { clean } from "./clean.ts";

/** A language of the output. */
export type Language = "en" | "ja";

const REASONS: { readonly [U in Uncertainty]: Text } = {
  SMALL_COUNT: text("small count withheld", "少数のため非公開"),
  ROUNDED: text("rounded", "丸め"),
  PERTURBED: text("noise added", "ノイズ付加"),
  CRITERION_UNSUPPORTED: text("condition not supported", "条件に未対応"),
  CODE_BROADER: text("broader code", "より広いコード"),
  CODE_NARROWER: text("narrower code", "より狭いコード"),
  NOT_RECORDED: text("not always recorded", "未記録あり"),
  SAME_SAMPLE: text("same sample not checked", "同一試料か確認不可"),
  LOGIC_LIMIT: text("conditions not combined", "条件の組合せ不可"),
  NOT_COUNTED: text("not counted", "集計不可"),
  LOCAL_ROUNDING: text("rounded by the bank", "バンク側で丸め"),
  BANK_WAITING: text("no answer yet", "回答待ち"),
  BANK_SILENT: text("no answer", "回答なし"),
  OVERLAP: text("persons in several banks", "バンク間の重複"),
  PRECISION: text("recorded less precisely", "記録の精度不足"),
  NOT_UNDERSTOOD: text("not understood", "解釈不能"),
};

const STATUSES: { readonly [status: string]: Text } = {
  WAITING: text("waiting", "待機中"),
  STALE: text("stale", "前回の回答"),
  TIMED_OUT: text("timed out", "時間切れ"),
  UNREACHABLE: text("unreachable", "接続不可"),
  BUSY: text("busy", "混雑中"),
  REFUSED: text("refused", "拒否"),
  BROKEN: text("broken", "応答不正"),
  SUPERSEDED: text("superseded", "旧リリース終了"),
  WITHDRAWN: text("withdrawn", "脱退"),
};

const VERDICTS: { readonly [V in Verdict]: Text } = {
  EXACT: text("exact", "一致"),
  BROADER: text("broader", "より広い"),
  NARROWER: text("narrower", "より狭い"),
  PARTLY_RECORDED: text("partly recorded", "一部のみ記録"),
  NOT_COLLECTED: text("not collected", "対象外"),
  UNSUPPORTED: text("unsupported", "未対応"),
};

/** Fixed words of the tables. */
export const WORDS = {
  checkField: text("Field", "項目"),
  checkMapped: text("Mapped", "対応あり"),
  checkUnmapped: text("Unmapped", "対応なし"),
  checkAbsent: text("Absent", "値なし"),
  checkDropped: text("Dropped", "除外"),
  checkDonors: text("donors", "提供者"),
  checkWanted: text("wanted", "期待"),
  checkGot: text("got   ", "実際"),
  checkResult: text("{errors} errors, {warnings} warnings. ", "エラー {errors} 件、警告 {warnings} 件。"),
  checkRight: text("May join.", "参加できます。"),
  checkWrong: text("May not join yet.", "まだ参加できません。"),
  checkNot: text("Could not be checked.", "確認できませんでした。"),
  bank: text("Bank", "バンク"),
  id: text("Id", "ID"),
  status: text("Status", "状態"),
  donors: text("Donors", "ドナー"),
  samples: text("Samples", "試料"),
  release: text("Release", "リリース"),
  reasons: text("Why not exact", "幅の理由"),
  enrolments: text("Total (enrolments)", "合計（登録数）"),
  people: text("People", "実人数"),
  allAnswered: text(
    "Complete: every bank answered from its current release.",
    "完全: すべてのバンクが最新リリースから回答しました。",
  ),
  notCurrent: text(
    "Not complete: not every answer comes from the bank's current release.",
    "不完全: 最新でないリリースからの回答があります。",
  ),
  nobodyAsked: text("Not complete: no bank was asked.", "不完全: 検索したバンクがありません。"),
  snapshot: text("Snapshot (for --snapshot and --not-before)", "スナップショット（--snapshot と --not-before 用）"),
  readings: text("How banks read the question, where not exactly", "条件どおりに読めなかったバンクの解釈"),
  problems: text("Problems", "問題"),
  overlapping: text(
    "A donor may stand in several rows: do not add them up.",
    "同じドナーが複数の行に入るため、足し合わせないでください。",
  ),
  unread: text(
    "not known: the bank has not said how it reads the question",
    "不明: バンクが条件の解釈をまだ返していません",
  ),
  lostFacets: text("cannot break down by", "内訳不可"),
  adapter: text("Local API", "ローカルAPI"),
  state: text("State", "状態"),
  size: text("at most", "上限"),
  contact: text("Contact", "窓口"),
  field: text("Field", "項目"),
  value: text("Value", "値"),
  label: text("Name", "名称"),
  code: text("Code", "コード"),
  matched: text("Found as", "一致した語"),
  noConcepts: text("Nothing of that name, number or code.", "該当するコードがありません。"),
  noHits: text("Nothing has that name.", "該当するものがありません。"),
  nearest: text("Near names:", "近い名称:"),
  noBanks: text("No bank has joined.", "参加しているバンクはありません。"),
} as const;

/** The word for a name; a name of a newer gateway, which this version does not know, stands for itself. */
const wordFor = (words: { readonly [name: string]: Text }, name: string, language: Language): string =>
  Object.hasOwn(words, name) ? words[name]![language] : clean(name);

/** The words for the reasons of some counts, each once, joined. */
export const reasonsOf = (counts: readonly { readonly because: readonly string[] }[], language: Language): string => {
  const reasons = new Set(counts.flatMap(({ because }) => because));
  return [...reasons].map((name) => wordFor(REASONS, name, language)).join(language === "ja" ? "、" : ", ");
};

/** The word for a bank's status; empty for ANSWERED. One that this version does not know reads as silent. */
export const statusOf = (status: string, language: Language): string =>
  status === "ANSWERED"
    ? ""
    : Object.hasOwn(STATUSES, status)
      ? STATUSES[status]![language]
      : `${REASONS.BANK_SILENT[language]} (${clean(status)})`;

/** The word for a verdict. */
export const verdictOf = (verdict: string, language: Language): string => wordFor(VERDICTS, verdict, language);

/** The name of a field; one that this version does not know shows its code. */
export const fieldLabel = (field: string, language: Language): string =>
  Object.hasOwn(FIELDS, field) ? FIELDS[field as FieldName].label[language] : clean(field);

/** `bbj@2026.1 (2026-04-01)`. */
export const releaseOf = ({ id, date }: { readonly id: string; readonly date: string }): string =>
  clean(`${id} (${date})`);

/** `1,234`, `1,200–1,300`, or `≥ 5` where nothing bounds it. */
export const intervalOf = ({ min, max }: Pick<Count, "min" | "max">): string => {
  if (max === null) return `≥ ${numberOf(min)}`;
  return min === max ? numberOf(min) : `${numberOf(min)}–${numberOf(max)}`;
};

/** A whole number with a comma between thousands. By hand, because the first call of toLocaleString takes 14 ms. */
export const numberOf = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");
