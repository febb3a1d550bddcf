import { text } from "./text.ts";

/**
 * Why a bank's answer makes no sense: a closed list of texts for askers. None quotes the bank, neither its numbers nor its
 * words.
 */
export const BROKEN_REASONS = {
  NEGATIVE_COUNT: text("The bank returned a count below zero.", "バンクが0より小さい件数を返しました。"),
  NOT_A_COUNT: text(
    "The bank returned a count that is not a whole number.",
    "バンクが件数として整数ではないものを返しました。",
  ),
  ABOVE_BOUND: text(
    "The bank counted more than its own upper bound.",
    "バンクが、自ら保証する上限を超える件数を返しました。",
  ),
  SAMPLES_WITHOUT_DONORS: text(
    "The bank counted samples of donors that do not exist.",
    "バンクが、存在しない提供者の試料を数えました。",
  ),
  TOO_FEW_SAMPLES: text(
    "The bank counted fewer samples than there must be for the donors that it counted.",
    "バンクの試料数が、数えた提供者に必要な数より少なくなっています。",
  ),
  TOO_MANY_SAMPLES: text(
    "The bank counted more samples than it warrants for the donors that it counted.",
    "バンクの試料数が、数えた提供者について自ら保証する上限を超えています。",
  ),
  CONTRADICTION: text("The bank's counts contradict each other.", "バンクの件数が互いに矛盾しています。"),
  TOO_LARGE: text("The bank sent more than an answer may hold.", "バンクの応答が許される大きさを超えています。"),
  TOO_DEEP: text("The bank sent an answer that is nested too deep.", "バンクの応答の入れ子が深すぎます。"),
  COMPRESSED: text(
    "The bank sent a compressed answer, for which it was not asked.",
    "バンクが、求められていない圧縮された応答を返しました。",
  ),
  REDIRECTED: text(
    "The bank's server redirects to another address, which is not followed.",
    "バンクのサーバーが別のアドレスへ転送しようとしました。転送には従いません。",
  ),
  NOT_HTTP: text("The bank's server does not speak HTTP.", "バンクのサーバーの応答が HTTP ではありません。"),
  WRONG_FORM: text(
    "The bank sent something that its interface does not allow.",
    "バンクが、そのインターフェースの応答ではないものを返しました。",
  ),
  NOT_SIGNED: text(
    "The answer does not bear the bank's signature, so that it may be another's.",
    "応答にこのバンクの署名がなく、別の送信元の応答である可能性があります。",
  ),
  SERVER_ERROR: text("The bank's server failed.", "バンクのサーバーで障害が起きました。"),
} as const;

export type BrokenReason = keyof typeof BROKEN_REASONS;

/** Whether a word is a reason that this version knows: a newer bank may give others. */
export const isBrokenReason = (word: unknown): word is BrokenReason =>
  typeof word === "string" && Object.hasOwn(BROKEN_REASONS, word);
