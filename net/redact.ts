/** How often each secret is held. */
const held = new Map<string, number>();

/** Shorter ones stand in any text by chance. */
const SHORTEST = 4;

/** From now on `redacted` takes this text out of others, until what is returned is called. */
export const rememberSecret = (secret: string): (() => void) => {
  if (secret.length < SHORTEST) return () => undefined;
  held.set(secret, (held.get(secret) ?? 0) + 1);
  let kept = true;
  return () => {
    if (!kept) return;
    kept = false;
    const left = (held.get(secret) ?? 1) - 1;
    if (left === 0) held.delete(secret);
    else held.set(secret, left);
  };
};

/** A text of a server's own without the secrets that are known here: servers may say back what they were sent. */
export const redacted = (text: string): string => {
  let rest = text;
  for (const secret of held.keys()) rest = rest.replaceAll(secret, "***");
  return rest;
};
