import { nearest, QuestionError } from "../../schema/question-error.ts";
import { text } from "../../schema/text.ts";
import type { RegisteredBank, Registry } from "../banks/registry.ts";
import type { SnapshotVector } from "./snapshot.ts";

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

/**
 * The banks of a snapshot, or those of them that the question names.
 * @throws {QuestionError} as pickBanks does, and NOT_IN_SNAPSHOT for a bank that the snapshot does not hold, or if it holds none
 */
export const pinnedBanks = (
  registry: Registry,
  ids: readonly string[] | null | undefined,
  snapshot: SnapshotVector,
): readonly RegisteredBank[] => {
  const held = [...snapshot.keys()];
  const strange = ids?.findIndex((id) => !snapshot.has(id)) ?? -1;
  if (strange >= 0) {
    const id = JSON.stringify(ids?.[strange]?.slice(0, 64));
    const says = text(
      `wanted a bank of the snapshot (${held.join(", ") || "it holds none"}), got ${id}`,
      `スナップショットのバンク（${held.join(", ") || "なし"}）が必要ですが、${id} が指定されました`,
    );
    throw new QuestionError(`banks[${strange}]`, says, { code: "NOT_IN_SNAPSHOT" });
  }
  if (held.length === 0) throw new QuestionError("snapshot", NONE, { code: "NOT_IN_SNAPSHOT" });
  const gone = held.find((id) => !registry.live().some((bank) => bank.id === id));
  if (gone !== undefined && ids == null) {
    const says = text(
      `wanted a snapshot of banks that take questions, got one of ${gone}, which takes none. Name the others in banks`,
      `検索できるバンクのスナップショットが必要ですが、検索できない ${gone} が含まれています。他のバンクを banks に指定してください`,
    );
    throw new QuestionError("snapshot", says, { code: "UNKNOWN_BANK" });
  }
  return pickBanks(registry, ids ?? held);
};

const NONE = text(
  "wanted a snapshot of at least one bank, got that of an answer in which none had answered. Ask without it",
  "1つ以上のバンクのスナップショットが必要ですが、どのバンクも回答しなかったときのものです。指定せずに検索してください",
);

const EMPTY = text(
  "wanted at least one bank, got an empty list. Leave it out to ask every bank",
  "1つ以上のバンクが必要ですが、空のリストが指定されました。すべてのバンクを検索する場合は項目を省いてください",
);
