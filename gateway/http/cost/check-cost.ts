import { type Refusal, refuse } from "../../../schema/refusal.ts";
import { type Text, text } from "../../../schema/text.ts";
import { LIMITS } from "../../limits.ts";
import type { Cost } from "./cost.ts";

/** A limit of one request: what is counted, and what to leave out. */
type Row = { readonly of: keyof Cost; readonly limit: number; readonly what: Text; readonly leaveOut: Text };

const ROWS: readonly Row[] = [
  {
    of: "rootFields",
    limit: LIMITS.rootFields,
    what: text("fields at the root", "ルートのフィールド"),
    leaveOut: text("Send some of them in another request.", "一部を別のリクエストに分けてください。"),
  },
  {
    of: "aliases",
    limit: LIMITS.aliases,
    what: text("aliases of one field in one object", "1つのオブジェクト内の同じフィールドの別名"),
    leaveOut: text("Leave out aliases of the same value.", "同じ値の別名を省いてください。"),
  },
  {
    of: "codes",
    limit: LIMITS.codesPerQuestion,
    what: text("codes and other values in one question", "1つの検索条件のコードや値"),
    leaveOut: text(
      "Name a code that stands above several of them, or ask in parts.",
      "上位のコードを指定するか、検索を分けてください。",
    ),
  },
  {
    of: "cells",
    limit: LIMITS.cells,
    what: text("cells of all facets", "ファセットのセルの合計"),
    leaveOut: text(
      "Leave out facets, or give them a wider level, a code in under, or values.",
      "ファセットを減らすか、level を粗くするか、under・values で絞ってください。",
    ),
  },
  {
    of: "cost",
    limit: LIMITS.cost,
    what: text("of cost", "のコスト"),
    leaveOut: text(
      "Select fewer fields or aliases, name fewer banks, ask for fewer rows with first, or send fewer searches at once.",
      "フィールドや別名を減らす、banks で絞る、first で行数を減らす、または一度に送る検索を減らしてください。",
    ),
  },
];

/** Why a request is refused, one refusal for each limit that it is over. Null in place of a cost: it is too much to add up. */
export const refusalsOf = (cost: Cost | null): readonly Refusal[] =>
  cost === null
    ? [tooCostly(ROWS.at(-1)!, null)]
    : ROWS.filter(({ of, limit }) => cost[of] > limit).map((row) => tooCostly(row, cost[row.of]));

/** The error for a document with too many tokens; the parser stops, so nobody counts them. */
export const tooManyTokens = (): Refusal =>
  tooCostly(
    {
      of: "cost",
      limit: LIMITS.tokens,
      what: text("tokens in the document", "ドキュメントのトークン"),
      leaveOut: text(
        "Put values into variables, and send some of the fields in another request.",
        "値を変数に移すか、一部のフィールドを別のリクエストに分けてください。",
      ),
    },
    null,
  );

/** @param got null where it was not counted to the end */
const tooCostly = ({ limit, what, leaveOut }: Row, got: number | null): Refusal => {
  const cost = got === null ? null : Math.min(got, Number.MAX_SAFE_INTEGER);
  const says = text(
    `wanted at most ${limit} ${what.en}, got ${cost ?? "more"}`,
    `${what.ja}は${limit}までですが、${cost === null ? "それを超えています" : `${cost} になります`}`,
  );
  return refuse("TOO_COSTLY", { says, remedy: leaveOut, message: `${says.en}. ${leaveOut.en}`, over: { cost, limit } });
};
