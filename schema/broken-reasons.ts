/**
 * Why a bank's answer makes no sense: a closed list of texts for askers. None quotes the bank, neither its numbers nor its
 * words.
 */
export const BROKEN_REASONS = {
  NEGATIVE_COUNT: { en: "The bank returned a count below zero.", ja: "バンクが0より小さい件数を返しました。" },
  NOT_A_COUNT: {
    en: "The bank returned a count that is not a whole number.",
    ja: "バンクが件数として整数ではないものを返しました。",
  },
  ABOVE_BOUND: {
    en: "The bank counted more than its own upper bound.",
    ja: "バンクが、自ら保証する上限を超える件数を返しました。",
  },
  SAMPLES_WITHOUT_DONORS: {
    en: "The bank counted samples of donors that do not exist.",
    ja: "バンクが、存在しない提供者の試料を数えました。",
  },
  TOO_FEW_SAMPLES: {
    en: "The bank counted fewer samples than there must be for the donors that it counted.",
    ja: "バンクの試料数が、数えた提供者に必要な数より少なくなっています。",
  },
  TOO_MANY_SAMPLES: {
    en: "The bank counted more samples than it warrants for the donors that it counted.",
    ja: "バンクの試料数が、数えた提供者について自ら保証する上限を超えています。",
  },
  CONTRADICTION: {
    en: "The bank's counts contradict each other.",
    ja: "バンクの件数が互いに矛盾しています。",
  },
  TOO_LARGE: {
    en: "The bank sent more than an answer may hold.",
    ja: "バンクの応答が許される大きさを超えています。",
  },
  TOO_DEEP: {
    en: "The bank sent an answer that is nested too deep.",
    ja: "バンクの応答の入れ子が深すぎます。",
  },
  COMPRESSED: {
    en: "The bank sent a compressed answer, for which it was not asked.",
    ja: "バンクが、求められていない圧縮された応答を返しました。",
  },
  REDIRECTED: {
    en: "The bank's server redirects to another address, which is not followed.",
    ja: "バンクのサーバーが別のアドレスへ転送しようとしました。転送には従いません。",
  },
  NOT_HTTP: { en: "The bank's server does not speak HTTP.", ja: "バンクのサーバーの応答が HTTP ではありません。" },
  WRONG_FORM: {
    en: "The bank sent something that its interface does not allow.",
    ja: "バンクが、そのインターフェースの応答ではないものを返しました。",
  },
  SERVER_ERROR: { en: "The bank's server failed.", ja: "バンクのサーバーで障害が起きました。" },
} as const;

export type BrokenReason = keyof typeof BROKEN_REASONS;

/** Whether a word is a reason that this version knows: a newer bank may give others. */
export const isBrokenReason = (word: unknown): word is BrokenReason =>
  typeof word === "string" && Object.hasOwn(BROKEN_REASONS, word);
