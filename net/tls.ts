import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { BankError, type BankErrorCode } from "../schema/bank-error.ts";
import type { TlsOptions } from "./http/remote-options.ts";
import { type SecretSource, secretFile } from "./secrets.ts";

/** PEM texts of a TLS connection: trusted authorities, and the certificate and key to show. */
export type TlsTexts = { readonly ca?: string; readonly cert?: string; readonly key?: string };

/** Reads the files that `tls` of bank.yaml names. @throws {BankError} BANK_REFUSED where they cannot be read or used */
export const tlsTexts = async ({ ca, certificate, key }: TlsOptions, context: SecretSource): Promise<TlsTexts> => {
  const texts = {
    ...(ca === undefined ? {} : { ca: await secretFile(ca, "tls.ca", context) }),
    ...(certificate === undefined ? {} : { cert: await secretFile(certificate, "tls.certificate", context) }),
    ...(key === undefined ? {} : { key: await secretFile(key, "tls.key", context) }),
  };
  try {
    createSecureContext(texts);
    // createSecureContext ignores a `ca` that is no certificate.
    if (texts.ca !== undefined) new X509Certificate(texts.ca);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message = `adapter.tls: wanted PEM files that fit together, got ${code ?? "others"}`;
    throw new BankError("BANK_REFUSED", context.bank, message, { cause });
  }
  return texts;
};

const UNTRUSTED = "a certificate that no trusted authority has signed; `tls.ca` names others";
/** Faults of a server's certificate, by the code of Node's error. */
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

/** Alerts by which a server refuses our certificate. */
const REFUSALS =
  /^ERR_SSL_\w*ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED)$/;

/** The code of a TLS error and what was got; undefined for any other error. */
export const tlsFault = (error: unknown): { readonly code: BankErrorCode; readonly got: string } | undefined => {
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== "string") return undefined;
  const said = Object.hasOwn(CERTIFICATES, code) ? CERTIFICATES[code] : undefined;
  if (said !== undefined) return { code: "BANK_UNREACHABLE", got: `${said} (${code})` };
  if (!REFUSALS.test(code)) return undefined;
  return { code: "BANK_REFUSED", got: `a refusal of our certificate, or of none (${code})` };
};
