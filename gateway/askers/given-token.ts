import type { IncomingMessage } from "node:http";
import { type Refusal, refuse } from "../../schema/refusal.ts";
import { type Text, text } from "../../schema/text.ts";

/** The part of a request that may hold a token. */
export type Credentials = Pick<IncomingMessage, "headers" | "headersDistinct" | "url">;

/** Most characters of a token: a JWT with all the groups of its holder is shorter. */
const LONGEST = 8000;

/**
 * The token of `Authorization: Bearer`; null where the request has no Authorization.
 * @throws {Refusal} SIGN_IN for any other Authorization, for two of them, and for a token in the query string
 */
export const givenToken = ({ headers, headersDistinct, url }: Credentials): string | null => {
  if (/[?&]access_token=/.test(url ?? "")) throw signIn(IN_QUERY);
  const { authorization } = headers;
  if (authorization === undefined) return null;
  // Node keeps the first of several, and a proxy may have kept another.
  if ((headersDistinct["authorization"]?.length ?? 0) > 1) throw signIn(SEVERAL);
  if (authorization.length > LONGEST) throw signIn(TOO_LONG);
  const [, token] = /^bearer +([\x21-\x7e]+)$/i.exec(authorization) ?? [];
  if (token === undefined) throw signIn(NOT_BEARER);
  return token;
};

/** Refuses a token. `says`: what is wrong with it; never the token. */
export const signIn = (says: Text): Refusal => refuse("SIGN_IN", { at: "Authorization", says });

const IN_QUERY = text(
  "wanted the token in the header, got access_token in the query string, which logs keep. Have the token revoked",
  "トークンはヘッダーで送る必要がありますが、ログに残るクエリ文字列に access_token がありました。トークンを取り消してもらってください",
);
const SEVERAL = text("wanted one Authorization header, got several", "Authorization ヘッダーは1つだけ必要です");
const TOO_LONG = text(
  `wanted a token of at most ${LONGEST} characters, got a longer one`,
  `トークンは${LONGEST}文字以内である必要があります`,
);
const NOT_BEARER = text(
  "wanted Bearer and one token, got something else",
  "Bearer とトークン1つが必要ですが、別のものが指定されました",
);
