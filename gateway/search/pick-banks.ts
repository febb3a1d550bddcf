import { QuestionError } from "../../schema/question-error.ts";
import { text } from "../../schema/text.ts";
import type { Bank } from "../banks/bank.ts";
import type { Registry } from "../banks/registry.ts";
import { unknownBank } from "../banks/unknown-bank.ts";
import type { SnapshotVector } from "./snapshot.ts";

/**
 * The banks that a question goes to: those that it names, else every live one and, of the `notBefore` snapshot, those
 * that have withdrawn since. Each once, sorted by id.
 * @throws {QuestionError} UNKNOWN_BANK for an id of no bank, BANK_NOT_LIVE for one of a bank in TRIAL or PAUSED
 */
export const pickBanks = (
  registry: Registry,
  ids: readonly string[] | null | undefined,
  floors: SnapshotVector | null = null,
): readonly Bank[] => {
  const all = registry.all();
  if (ids === null || ids === undefined) {
    return all.filter((bank) => {
      const { state } = bank.card();
      return state === "LIVE" || (state === "WITHDRAWN" && floors?.has(bank.id));
    });
  }
  if (ids.length === 0) throw new QuestionError("banks", EMPTY);
  ids.forEach((id, i) => {
    const state = registry.get(id)?.card().state;
    if (state === undefined) throw unknownBank(`banks[${i}]`, id, registry.live());
    if (state === "TRIAL" || state === "PAUSED") throw notLive(`banks[${i}]`, id, state);
  });
  return all.filter(({ id }) => ids.includes(id));
};

const notLive = (at: string, id: string, state: keyof typeof NOT_LIVE): QuestionError => {
  const { en, ja } = NOT_LIVE[state];
  return new QuestionError(
    at,
    text(`wanted a bank that takes questions, got ${id}, which ${en}`, `検索できるバンクが必要ですが、${id} は${ja}`),
    { code: "BANK_NOT_LIVE" },
  );
};

const NOT_LIVE = {
  TRIAL: text("is on trial. Leave it out until it has joined", "試行中です。参加するまで外して検索してください"),
  PAUSED: text(
    "its operator has paused. Leave it out, or ask again when it is back",
    "運用者が休止しています。外して検索するか、再開後に再度検索してください",
  ),
} as const;

/**
 * The banks of a snapshot, or those of them that the question names.
 * @throws {QuestionError} as pickBanks does, and NOT_IN_SNAPSHOT for a bank that is not in the snapshot, or an empty snapshot
 */
export const pinnedBanks = (
  registry: Registry,
  ids: readonly string[] | null | undefined,
  snapshot: SnapshotVector,
): readonly Bank[] => {
  const pinned = [...snapshot.keys()];
  const strange = ids?.findIndex((id) => !snapshot.has(id)) ?? -1;
  if (strange >= 0) {
    const id = JSON.stringify(ids?.[strange]?.slice(0, 64));
    const says = text(
      `wanted a bank of the snapshot (${pinned.join(", ") || "it holds none"}), got ${id}`,
      `スナップショットのバンク（${pinned.join(", ") || "なし"}）が必要ですが、${id} が指定されました`,
    );
    throw new QuestionError(`banks[${strange}]`, says, { code: "NOT_IN_SNAPSHOT" });
  }
  if (pinned.length === 0) throw new QuestionError("snapshot", NONE, { code: "NOT_IN_SNAPSHOT" });
  const closed = pinned.find((id) => !["LIVE", "WITHDRAWN"].includes(registry.get(id)?.card().state ?? ""));
  if (closed !== undefined && ids == null) {
    const says = text(
      `wanted a snapshot of banks that take questions, got one of ${closed}, which takes none. Name the others in banks`,
      `検索できるバンクのスナップショットが必要ですが、検索できない ${closed} が含まれています。他のバンクを banks に指定してください`,
    );
    throw new QuestionError("snapshot", says, { code: "UNKNOWN_BANK" });
  }
  return pickBanks(registry, ids ?? pinned);
};

const NONE = text(
  "wanted a snapshot of at least one bank, got that of an answer in which none had answered. Ask without it",
  "1つ以上のバンクのスナップショットが必要ですが、どのバンクも回答しなかったときのものです。指定せずに検索してください",
);

const EMPTY = text(
  "wanted at least one bank, got an empty list. Leave it out to ask every bank",
  "1つ以上のバンクが必要ですが、空のリストが指定されました。すべてのバンクを検索する場合は項目を省いてください",
);
