import type { BankErrorCode } from "../../schema/bank-error.ts";

/** What is wrong with a server's certificate, by the code of Node's error; no connection comes about. */
const UNTRUSTED = "a certificate that no trusted authority has signed; `tls.ca` names others";
const CERTIFICATES: { readonly [code: string]: string } = {
  CERT_HAS_EXPIRED: "a certificate that has expired",
  CERT_NOT_YET_VALID: "a certificate that is not valid yet",
  CERT_REVOKED: "a certificate that was revoked",
  ERR_TLS_CERT_ALTNAME_INVALID: "a certificate of another host",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** Alerts by which a server says that it does not take ours. */
const REFUSALS =
  /^ERR_SSL_\w*ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED)$/;

/** What an error of TLS means, and what was got; undefined for any other error. */
export const tlsFault = (error: unknown): { readonly code: BankErrorCode; readonly got: string } | undefined => {
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== "string") return undefined;
  const said = Object.hasOwn(CERTIFICATES, code) ? CERTIFICATES[code] : undefined;
  if (said !== undefined) return { code: "BANK_UNREACHABLE", got: `${said} (${code})` };
  if (!REFUSALS.test(code)) return undefined;
  return { code: "BANK_REFUSED", got: `a refusal of our certificate, or of none (${code})` };
};
