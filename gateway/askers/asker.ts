/** What an asker is allowed as. Enum Tier of the SDL. */
export type Tier = "ANONYMOUS" | "REGISTERED" | "OPERATOR";

/** Who sent a request. Made once for each, before its document is read. */
export type Asker = {
  readonly tier: Tier;
  /**
   * The key for rates, turns and audit lines: `ip:192.0.2.1`, `ip:2001:db8:1:2::/64`, `ip:none` where there is no address,
   * `token:ID`, `jwt:ISSUER#SUBJECT` or `file:operator`. Never in an answer, nor in a log above debug but for audit lines.
   */
  readonly id: string;
  /** Name of the token or of its holder; null for an anonymous asker. */
  readonly name: string | null;
  /** When the token ends; null: it never ends, or the asker has no token. */
  readonly expires: Date | null;
  /** Ids of the banks that an operator may speak for; HOSTED: those whose own token file this gateway reads. */
  readonly banks: readonly string[] | "HOSTED";
  /** The token as it came, for the subgraph of an operator's bank, which may judge it once more; null for all others. */
  readonly token: string | null;
};

/** Somebody without a token, known by the id of an address. */
export const anonymous = (id: string): Asker => ({
  tier: "ANONYMOUS",
  id,
  name: null,
  expires: null,
  banks: [],
  token: null,
});
