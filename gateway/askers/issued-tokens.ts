import { z } from "zod";
import { TOKEN_DAYS } from "../limits.ts";
import type { Tier } from "./asker.ts";
import { digestOf, newToken } from "./token-text.ts";

/** What is kept of a token. Never the token itself. */
export type IssuedToken = {
  /** The first characters of its digest: names it in lists, in audit lines and for revoking. */
  readonly id: string;
  readonly tier: Exclude<Tier, "ANONYMOUS">;
  /** Of the researcher; of an operator, the id of the bank. */
  readonly name: string;
  readonly issued: Date;
  readonly expires: Date;
};

/** Where tokens are kept, by digest: the part of the state store that they need. */
export type TokenStore = {
  readonly entries: (kind: string) => ReadonlyMap<string, unknown>;
  /** Null removes. An entry may go away after `until`. */
  readonly write: (kind: string, name: string, value: unknown, options?: { readonly until?: Date }) => Promise<void>;
};
/** Where tokens can be looked up. */
export type ReadableTokens = Pick<TokenStore, "entries"> & {
  /** NONE: there is nothing to look them up in at present. Default: there always is. */
  readonly status?: () => { readonly copy: "CURRENT" | "OLD" | "NONE" };
};

/** The kind of the entries. */
const KIND = "tokens";
const ID_LENGTH = 12;
const DAY_MS = 86_400_000;
/** Expired tokens are kept so long, so that their holders hear that they expired, and not that nobody knows them. */
const KEPT_MS = 90 * DAY_MS;

const date = z.iso.datetime().transform((text) => new Date(text));
/** An entry of a later version may have more in it. */
const entry = z.object({ tier: z.enum(["REGISTERED", "OPERATOR"]), name: z.string(), issued: date, expires: date });

/** The entry of a token, expired or not; null where nobody issued it, or where it was revoked. */
export const findToken = (store: ReadableTokens, digest: string): IssuedToken | null =>
  tokenOf(digest, store.entries(KIND).get(digest));

/** Every token that was issued and not revoked, the latest first. */
export const issuedTokens = (store: ReadableTokens): readonly IssuedToken[] =>
  withDigests(store)
    .map(([, token]) => token)
    .sort((a, b) => b.issued.getTime() - a.issued.getTime() || (a.id < b.id ? -1 : 1));

/** What a new token is for. */
export type TokenOrder = Pick<IssuedToken, "tier" | "name"> & { readonly days?: number };

/** Issues a token. `text` is the token itself, which nothing keeps. */
export const issueToken = async (
  store: TokenStore,
  { tier, name, days = TOKEN_DAYS.usual }: TokenOrder,
  now = new Date(),
): Promise<{ readonly text: string; readonly token: IssuedToken }> => {
  const text = newToken();
  const digest = digestOf(text);
  const expires = new Date(now.getTime() + days * DAY_MS);
  const kept = { tier, name, issued: now.toISOString(), expires: expires.toISOString() };
  await store.write(KIND, digest, kept, { until: new Date(expires.getTime() + KEPT_MS) });
  return { text, token: { id: idOf(digest), tier, name, issued: now, expires } };
};

/** Revokes tokens, so that no gateway takes them any more. Rejects where one of them was not, once all were tried. */
export const revokeTokens = async (store: TokenStore, ids: readonly string[]): Promise<void> => {
  const revoking = withDigests(store)
    .filter(([, { id }]) => ids.includes(id))
    .map(([digest]) => store.write(KIND, digest, null));
  for (const outcome of await Promise.allSettled(revoking)) if (outcome.status === "rejected") throw outcome.reason;
};

const withDigests = (store: ReadableTokens): readonly (readonly [digest: string, token: IssuedToken])[] =>
  [...store.entries(KIND)].flatMap(([digest, value]) => {
    const token = tokenOf(digest, value);
    return token === null ? [] : [[digest, token] as const];
  });

const tokenOf = (digest: string, value: unknown): IssuedToken | null => {
  const { data } = entry.safeParse(value);
  return data === undefined ? null : { id: idOf(digest), ...data };
};

const idOf = (digest: string): string => digest.slice(0, ID_LENGTH);
