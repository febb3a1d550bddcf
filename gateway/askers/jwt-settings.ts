import { isLoopback } from "../../net/loopback.ts";

/** Signature algorithms with a key pair, by their names in JOSE. HS256 (a shared secret) and `none` are not among them. */
export const JWT_ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA"],
] as const;

/** Algorithms of an identity provider's tokens where nothing else is set. */
export const USUAL_JWT_ALGORITHMS = ["RS256", "ES256", "EdDSA"] as const;

/** An identity provider, and which of its tokens count. */
export type JwtOptions = {
  readonly issuer: string;
  /** One of these has to be the token's. */
  readonly audiences: readonly string[];
  readonly keysUrl: URL;
  readonly algorithms: readonly string[];
  /** Seconds by which the clocks of gateway and provider may differ. */
  readonly toleranceS: number;
};

/** Whether keys may be fetched from a URL: over https, or over http from this machine, without user and password. */
export const isKeysUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return username + password === "" && (protocol === "https:" || (protocol === "http:" && isLoopback(hostname)));
};

/** The settings that name an identity provider, as they were read. */
export type JwtSettings = {
  readonly ODAN_JWT_ISSUER?: string | undefined;
  readonly ODAN_JWT_AUDIENCE?: readonly string[] | undefined;
  readonly ODAN_JWT_JWKS_URL?: string | undefined;
  readonly ODAN_JWT_ALGORITHMS: readonly string[];
  readonly ODAN_JWT_TOLERANCE_S: number;
};

/** The identity provider; null: none is set. @throws {RangeError} where one setting of three is missing */
export const jwtOptions = (settings: JwtSettings): JwtOptions | null => {
  const { ODAN_JWT_ISSUER: issuer, ODAN_JWT_AUDIENCE: audiences, ODAN_JWT_JWKS_URL: url } = settings;
  const needed = { ODAN_JWT_ISSUER: issuer, ODAN_JWT_AUDIENCE: audiences, ODAN_JWT_JWKS_URL: url };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (missing.length === Object.keys(needed).length) return null;
  if (issuer === undefined || audiences === undefined || url === undefined) {
    throw new RangeError(
      `${missing[0]}: wanted all of ${Object.keys(needed).join(", ")} or none, got none of this one.`,
    );
  }
  return {
    issuer,
    audiences,
    keysUrl: new URL(url),
    algorithms: settings.ODAN_JWT_ALGORITHMS,
    toleranceS: settings.ODAN_JWT_TOLERANCE_S,
  };
};
