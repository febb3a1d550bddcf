import { BankError } from "../../schema/bank-error.ts";
import { rememberSecret } from "../redact.ts";

/** The value of an Authorization header with user and password (RFC 7617), in UTF-8. Redacted from now on. */
export const basicHeader = (user: string, password: string): string => {
  const pair = Buffer.from(`${user}:${password}`).toString("base64");
  rememberSecret(pair);
  return `Basic ${pair}`;
};

/** The value of an Authorization header with a token (RFC 6750). @throws {BankError} BANK_REFUSED where it is no single word of ASCII */
export const bearerHeader = (token: string, setting: string, bank: string): string => {
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new BankError("BANK_REFUSED", bank, `${setting}: wanted a token, one word of ASCII, got something else`);
};
