/** How many holders each secret has. */
const holders = new Map<string, number>();

/** Shorter secrets occur in any text by chance. */
const SHORTEST = 4;

/** Has `redacted` remove this secret from texts, until the returned function is called. */
export const rememberSecret = (secret: string): (() => void) => {
  if (secret.length < SHORTEST) return () => undefined;
  holders.set(secret, (holders.get(secret) ?? 0) + 1);
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    const left = (holders.get(secret) ?? 1) - 1;
    if (left === 0) holders.delete(secret);
    else holders.set(secret, left);
  };
};

/** A server's text without the remembered secrets, which it may repeat. */
export const redacted = (text: string): string => {
  let rest = text;
  for (const secret of holders.keys()) rest = rest.replaceAll(secret, "***");
  return rest;
};
