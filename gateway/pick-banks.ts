import { nearest, QuestionError } from "../schema/question-error.ts";
import { text } from "../schema/text.ts";
import type { RegisteredBank, Registry } from "./registry.ts";

/**
 * The banks that a question goes to: those that it names, else every live one. Each once, sorted by id.
 * @throws {QuestionError} UNKNOWN_BANK for an id that is not of a live bank
 */
export const pickBanks = (registry: Registry, ids: readonly string[] | null | undefined): readonly RegisteredBank[] => {
  const live = registry.live();
  if (ids === null || ids === undefined) return live;
  if (ids.length === 0) throw new QuestionError("banks", EMPTY);
  const known = live.map((bank) => bank.id);
  const unknown = ids.findIndex((id) => !known.includes(id));
  if (unknown < 0) return live.filter((bank) => ids.includes(bank.id));
  const id = ids[unknown]!;
  const suggestions = nearest(id, known);
  const list = (suggestions.length > 0 ? suggestions : known).join(", ");
  throw new QuestionError(
    `banks[${unknown}]`,
    text(
      `wanted the id of a bank that takes questions, got ${JSON.stringify(id.slice(0, 64))}. Did you mean ${list}?`,
      `検索できるバンクの ID が必要ですが、${JSON.stringify(id.slice(0, 64))} が指定されました。候補: ${list}`,
    ),
    { code: "UNKNOWN_BANK", suggestions },
  );
};

const EMPTY = text(
  "wanted at least one bank, got an empty list. Leave it out to ask every bank",
  "1つ以上のバンクが必要ですが、空のリストが指定されました。すべてのバンクを検索する場合は項目を省いてください",
);
