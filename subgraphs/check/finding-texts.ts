import type { FindingLevel } from "../../adapters/adapter.ts";
import { type Text, text } from "../../schema/text.ts";

type FindingWords = { readonly level: FindingLevel; readonly says: Text; readonly remedy: Text | null };

/** The findings of the check itself; docs/adding-a-bank.md prints this table, and a test compares. */
export const FINDINGS = {
  "settings.unreadable": {
    level: "ERROR",
    says: text("bank.yaml cannot be read.", "bank.yaml を読めません。"),
    remedy: text("Name an existing file that this account may read.", "読み取り可能なファイルを指定してください。"),
  },
  "settings.wrong": {
    level: "ERROR",
    says: text("A setting of bank.yaml is wrong.", "bank.yaml の設定に誤りがあります。"),
    remedy: null,
  },
  "source.unreachable": {
    level: "ERROR",
    says: text("The local API cannot be reached.", "ローカル API に接続できません。"),
    remedy: text(
      "Check the address, the network, the certificates and whether the server runs.",
      "アドレス、ネットワーク、証明書、サーバーの稼働を確認してください。",
    ),
  },
  "source.slow": {
    level: "ERROR",
    says: text("The local API does not answer in time.", "ローカル API が時間内に応答しません。"),
    remedy: text(
      "Raise timeoutMs, or make the server quicker.",
      "timeoutMs を延ばすか、サーバーを高速化してください。",
    ),
  },
  "source.busy": {
    level: "ERROR",
    says: text("The local API has too much to do.", "ローカル API が混み合っています。"),
    remedy: text("Check again later, or lower atOnce.", "時間をおいて再度実行するか、atOnce を下げてください。"),
  },
  "source.refused": {
    level: "ERROR",
    says: text("The local API refuses the credentials.", "ローカル API が認証情報を拒否しました。"),
    remedy: text(
      "Check user, password or token, and the rights of that account.",
      "ユーザー、パスワードまたはトークンと、その権限を確認してください。",
    ),
  },
  "source.changing": {
    level: "ERROR",
    says: text("The data changed while they were read.", "読み込み中にデータが変わりました。"),
    remedy: text("Check again when they are at rest.", "更新の完了後に再度実行してください。"),
  },
  "source.broken": {
    level: "ERROR",
    says: text("What the local API gives makes no sense.", "ローカル API の内容が不正です。"),
    remedy: text("Mend the data or the setting that the finding names.", "示されたデータまたは設定を直してください。"),
  },
  "complete.false": {
    level: "ERROR",
    says: text("`complete` warrants what the data do not hold.", "complete の保証がデータと一致しません。"),
    remedy: text(
      "Map the values, or remove the field from complete.",
      "値を対応付けるか、complete から除いてください。",
    ),
  },
  "mapping.unmapped": {
    level: "ERROR",
    says: text("Values in the data have no meaning.", "意味が定義されていない値があります。"),
    remedy: text(
      "Give each a line in its section, or name it in `absent` if it means no value. Until then questions are wider by these donors.",
      "対応する節に加えるか、値なしを意味する場合は absent に加えてください。それまで該当者数だけ幅が広がります。",
    ),
  },
  "data.missing": {
    level: "WARNING",
    says: text("Values are missing: questions are wider by these donors.", "値のない提供者の分だけ幅が広がります。"),
    remedy: null,
  },
  "field.not-offered": {
    level: "WARNING",
    says: text("The local API cannot be asked for this field.", "この項目はローカル API で検索できません。"),
    remedy: text(
      "Mend its place under adapter, or remove its section. Until then every question about it is wide.",
      "adapter での指定を直すか、節を除いてください。それまでこの項目の検索は幅が広がります。",
    ),
  },
  "field.uncounted": {
    level: "INFO",
    says: text("The local API cannot count what is unmapped or missing.", "対応付けのない値や欠損を集計できません。"),
    remedy: null,
  },
  "field.sums": {
    level: "ERROR",
    says: text(
      "Mapped, unmapped and missing do not add up to all.",
      "対応あり・なし・欠損の合計が全体と一致しません。",
    ),
    remedy: text(
      "Check the place of the field under adapter, and whether the server filters by it.",
      "adapter での項目の指定と、サーバーの検索機能を確認してください。",
    ),
  },
  "answers.differ": {
    level: "ERROR",
    says: text("The same question twice has two answers.", "同じ質問への回答が一致しません。"),
    remedy: text(
      "Check whether the data change without a new release.",
      "リリースなしにデータが変わっていないか確認してください。",
    ),
  },
  "size.too-small": {
    level: "ERROR",
    says: text(
      "A bound of the bank's size is less than what it holds.",
      "size の上限が実際の数より小さくなっています。",
    ),
    remedy: text(
      "Raise it: a silent bank is counted up to this number.",
      "上限を増やしてください。応答のないバンクはこの数まで数えられます。",
    ),
  },
  "not-checked": {
    level: "INFO",
    says: text("Not checked because of an error.", "エラーのため確認していません。"),
    remedy: null,
  },
} as const satisfies { readonly [id: string]: FindingWords };

/** Stable name of a finding. */
export type FindingId = keyof typeof FINDINGS;
