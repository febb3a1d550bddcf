/** The part of an asker that tells with whom it shares a budget. */
export type Payer = {
  readonly tier: "ANONYMOUS" | "REGISTERED" | "OPERATOR";
  readonly id: string;
  readonly name: string | null;
};

/**
 * Who shares one budget and one part of a bank's places: an address, the subject of an identity provider, or all tokens of
 * one name, since a second token for the same researcher is no second budget.
 */
export const partyOf = ({ tier, id, name }: Payer): string =>
  id.startsWith("token:") && name !== null ? `${tier}:${name}` : id;

/**
 * The site that an asker by IPv6 address belongs to, its /48: one customer may have all 65,536 networks of it. Null for any other
 * asker.
 */
export const siteOf = ({ id }: Payer): string | null => {
  const [, prefix] = /^ip:([\da-f]+:[\da-f]+:[\da-f]+):[\da-f]+::\/64$/.exec(id) ?? [];
  return prefix === undefined ? null : `ip:${prefix}::/48`;
};
