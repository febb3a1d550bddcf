import { BANK_ERRORS, type BankErrorCode } from "./bank-error.ts";
import { type Text, text } from "./text.ts";

/** Why a request is refused: one row of the table of refusals. */
export type Fault = {
  /** HTTP status. In an answer of `application/json` or a stream, an error of a well-formed request has 200 instead. */
  readonly status: number;
  /** Whether the same request may succeed later. */
  readonly retry: boolean;
  readonly says: Text;
  readonly remedy: Text;
};

const fault = (status: number, retry: boolean, says: Text, remedy: Text): Fault => ({ status, retry, says, remedy });

const REQUEST_FAULTS = {
  BAD_REQUEST: fault(
    400,
    false,
    text(
      "The request is not valid HTTP, JSON or GraphQL, or does not fit the schema.",
      "HTTP・JSON・GraphQL として正しくないか、スキーマに合わないリクエストです。",
    ),
    text(
      "Correct the place that the message names. Introspection shows the schema.",
      "メッセージが示す箇所を修正してください。スキーマはイントロスペクションで確認できます。",
    ),
  ),
  BAD_QUESTION: fault(
    400,
    false,
    text(
      "The question has a condition, a value or a facet that cannot be asked.",
      "質問に、検索できない条件・値・集計項目があります。",
    ),
    text(
      "Correct the place that at names. suggestions has what may have been meant.",
      "at が示す箇所を修正してください。suggestions に候補があります。",
    ),
  ),
  BAD_ARGUMENT: fault(
    400,
    false,
    text("An argument is out of its range.", "引数が範囲外です。"),
    text("Give a value within the range that the message names.", "メッセージが示す範囲の値を指定してください。"),
  ),
  UNKNOWN_CODE: fault(
    400,
    false,
    text("No code system of the federation has this code.", "連合のどのコード体系にもないコードです。"),
    text(
      "Take one of suggestions, or look the code up with concepts.",
      "suggestions の候補を使うか、concepts でコードを調べてください。",
    ),
  ),
  UNKNOWN_BANK: fault(
    400,
    false,
    text("No bank that can be asked has this id.", "この ID を持つ検索可能なバンクはありません。"),
    text(
      "Take one of suggestions. banks lists every bank.",
      "suggestions の候補を使ってください。banks にすべてのバンクがあります。",
    ),
  ),
  BANK_NOT_LIVE: fault(
    400,
    false,
    text("The bank takes no questions at present.", "バンクは現在、検索を受け付けていません。"),
    text("Leave it out of banks.", "banks から外して検索してください。"),
  ),
  BAD_SNAPSHOT: fault(
    400,
    false,
    text("The token is not that of an answer of this federation.", "この連合の回答のトークンではありません。"),
    text("Leave the token out to ask the current releases.", "現在のリリースを検索する場合は省いてください。"),
  ),
  NOT_IN_SNAPSHOT: fault(
    400,
    false,
    text("The snapshot does not hold the bank.", "スナップショットにそのバンクは含まれていません。"),
    text(
      "Name banks of the snapshot only, or ask without it.",
      "スナップショットに含まれるバンクだけを指定するか、スナップショットなしで検索してください。",
    ),
  ),
  RELEASE_NOT_LOADED: fault(
    400,
    false,
    text(
      "The bank's local API does not hold the release.",
      "バンクのローカル API にそのリリースが読み込まれていません。",
    ),
    text("Load the release there, then publish it.", "リリースを読み込んでから公開してください。"),
  ),
  TOO_COSTLY: fault(
    400,
    false,
    text("The request costs more than one request may.", "1回のリクエストに許される処理量を超えています。"),
    text(
      "Leave out what the message names, or send several requests. limits has the limits.",
      "メッセージが示すものを省くか、リクエストを分けてください。上限は limits にあります。",
    ),
  ),
  TOO_DEEP: fault(
    400,
    false,
    text(
      "The document, its variables or its extensions are nested too deep.",
      "クエリ・変数・extensions の入れ子が深すぎます。",
    ),
    text("Nest less.", "入れ子を浅くしてください。"),
  ),
  SIGN_IN: fault(
    401,
    false,
    text("The request needs a valid token.", "有効なトークンが必要です。"),
    text(
      "Send a token as Authorization: Bearer. The federation's administrator issues it.",
      "Authorization: Bearer でトークンを送ってください。トークンは連合の管理者が発行します。",
    ),
  ),
  TOKEN_EXPIRED: fault(
    401,
    false,
    text("The token has expired.", "トークンの期限が切れています。"),
    text("Ask the federation's administrator for a new one.", "連合の管理者から新しいトークンを受け取ってください。"),
  ),
  SIGN_IN_UNAVAILABLE: fault(
    503,
    true,
    text("The token cannot be checked at present.", "現在、トークンを確認できません。"),
    text(
      "Ask again after Retry-After, or ask without a token.",
      "Retry-After の経過後に再度送るか、トークンなしで検索してください。",
    ),
  ),
  OPERATOR_ONLY: fault(
    401,
    false,
    text("The request needs the operator's token of a bank.", "バンクの運用者のトークンが必要です。"),
    text(
      "Send the operator's token as Authorization: Bearer.",
      "Authorization: Bearer で運用者のトークンを送ってください。",
    ),
  ),
  NOT_YOUR_BANK: fault(
    403,
    false,
    text("The operator's token is that of another bank.", "別のバンクの運用者のトークンです。"),
    text("Send the token of this bank's operator.", "このバンクの運用者のトークンを送ってください。"),
  ),
  HOST_NOT_ALLOWED: fault(
    403,
    false,
    text("The gateway does not answer under this host name.", "このホスト名ではゲートウェイを利用できません。"),
    text(
      "Use the gateway's own address. Its operator names further hosts in ODAN_HOSTS.",
      "ゲートウェイ本来のアドレスを使ってください。運用者は ODAN_HOSTS にホスト名を追加できます。",
    ),
  ),
  ORIGIN_NOT_ALLOWED: fault(
    403,
    false,
    text("Pages of this origin may not ask the gateway.", "このオリジンのページからは利用できません。"),
    text(
      "The gateway's operator allows an origin in ODAN_CORS. Programs send graphql-require-preflight: 1.",
      "運用者は ODAN_CORS にオリジンを追加できます。プログラムからは graphql-require-preflight: 1 を送ってください。",
    ),
  ),
  DOCUMENT_NOT_TRUSTED: fault(
    403,
    false,
    text("The gateway answers only documents of its list.", "このゲートウェイは登録されたクエリにだけ応答します。"),
    text("Send a document of the list.", "登録されたクエリを送ってください。"),
  ),
  NOT_FOUND: fault(
    404,
    false,
    text("There is nothing at this path.", "このパスには何もありません。"),
    text("Send questions to POST /graphql.", "質問は POST /graphql に送ってください。"),
  ),
  PERSISTED_QUERY_NOT_SUPPORTED: fault(
    400,
    false,
    text("Documents are not kept by their digests.", "ダイジェストによるドキュメントの保存には対応していません。"),
    text("Send the document itself in query.", "ドキュメント自体を query で送ってください。"),
  ),
  METHOD_NOT_ALLOWED: fault(
    405,
    false,
    text("The path does not take this HTTP method.", "このパスでは使えない HTTP メソッドです。"),
    text(
      "Send questions as POST or GET, and mutations as POST.",
      "質問は POST または GET、ミューテーションは POST で送ってください。",
    ),
  ),
  NOT_ACCEPTABLE: fault(
    406,
    false,
    text("The answer has no media type that Accept allows.", "Accept に合う形式の応答がありません。"),
    text(
      "Accept application/graphql-response+json or application/json, and text/event-stream for streams.",
      "application/graphql-response+json か application/json、ストリームには text/event-stream を Accept に指定してください。",
    ),
  ),
  LENGTH_REQUIRED: fault(
    411,
    false,
    text("The body comes without its length.", "本文の長さが指定されていません。"),
    text("Send the body with a Content-Length.", "Content-Length を付けて本文を送ってください。"),
  ),
  BODY_TOO_LARGE: fault(
    413,
    false,
    text("The body is longer than a request's may be.", "本文が長すぎます。"),
    text("Send a shorter request. limits has the limits.", "リクエストを短くしてください。上限は limits にあります。"),
  ),
  UNSUPPORTED_MEDIA_TYPE: fault(
    415,
    false,
    text(
      "The body has a media type, an encoding or a charset that is not read.",
      "本文の形式・エンコーディング・文字コードに対応していません。",
    ),
    text(
      "Send JSON in UTF-8, not compressed, as Content-Type: application/json.",
      "圧縮しない UTF-8 の JSON を Content-Type: application/json で送ってください。",
    ),
  ),
  TOO_MANY_REQUESTS: fault(
    429,
    true,
    text("The asker has asked for more than their share.", "割り当てを超えるリクエストです。"),
    text("Ask again after Retry-After.", "Retry-After の経過後に再度送ってください。"),
  ),
  FAULT_OF_OURS: fault(
    500,
    false,
    text("The gateway failed.", "ゲートウェイで障害が起きました。"),
    text(
      "Write to the gateway's operator and name the reference.",
      "reference を添えてゲートウェイの運用者に連絡してください。",
    ),
  ),
  OVERLOADED: fault(
    503,
    true,
    text("The gateway has too much to do.", "ゲートウェイが混み合っています。"),
    text("Ask again after Retry-After.", "Retry-After の経過後に再度送ってください。"),
  ),
} as const;

/** Every `extensions.code` that an error of the gateway may have. */
export type FaultCode = keyof typeof REQUEST_FAULTS | BankErrorCode;

/** Where a bank is the cause and nothing of it can be answered, as when a release is published. */
const bankFaults = (): { readonly [code in BankErrorCode]: Fault } =>
  Object.fromEntries(
    Object.entries(BANK_ERRORS).map(([code, { retry, meaning, remedy }]) => [code, fault(503, retry, meaning, remedy)]),
  ) as { readonly [code in BankErrorCode]: Fault };

/**
 * The closed table of refusals: what the gateway answers in place of data, by `extensions.code`. `Query.faults` serves it,
 * docs/errors.md prints it, and a test compares both.
 */
export const FAULTS: { readonly [code in FaultCode]: Fault } = { ...REQUEST_FAULTS, ...bankFaults() };

/** Whether a word is a code of the table. */
export const isFaultCode = (word: unknown): word is FaultCode =>
  typeof word === "string" && Object.hasOwn(FAULTS, word);
