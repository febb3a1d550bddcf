import { FAULTS, type FaultCode } from "./faults.ts";
import type { Text } from "./text.ts";

/** What is special about one refusal. Default of each: what the table says of its code. */
export type RefusalParts = {
  /** In English, for developers. Default: `at` and `says`. */
  readonly message?: string | undefined;
  /** Path into the arguments, such as `where.all[1].sample.type`; or the header or parameter that is wrong. */
  readonly at?: string | undefined;
  readonly says?: Text | undefined;
  readonly remedy?: Text | undefined;
  /** What may have been meant. */
  readonly suggestions?: readonly string[] | undefined;
  /** Milliseconds after which asking again makes sense: the Retry-After header, in whole seconds. */
  readonly retryAfterMs?: number | undefined;
  /** Under which the log has the cause. */
  readonly reference?: string | undefined;
  /** Of TOO_COSTLY: what was counted, and how much of it one request may have. `cost`: null where counting was given up. */
  readonly over?: Over | undefined;
};

export type Over = { readonly cost: number | null; readonly limit: number };

/** `extensions` of an error, as the asker gets them. */
export type RefusalExtensions = {
  readonly code: FaultCode;
  readonly at: string | null;
  readonly says: Text;
  readonly remedy: Text;
  readonly suggestions: readonly string[];
  readonly retryAfterMs?: number;
  readonly reference?: string;
} & Partial<Over>;

/** A request that is refused with a code of FAULTS. Thrown anywhere in the gateway, it reaches the asker as it is. */
export class Refusal extends Error {
  override readonly name: string = "Refusal";
  readonly code: FaultCode;
  readonly at: string | null;
  readonly says: Text;
  readonly remedy: Text;
  readonly suggestions: readonly string[];
  readonly retryAfterMs: number | undefined;
  readonly reference: string | undefined;
  readonly over: Over | undefined;

  constructor(code: FaultCode, parts: RefusalParts = {}) {
    const { at, says = FAULTS[code].says, remedy = FAULTS[code].remedy, suggestions = [] } = parts;
    super(parts.message ?? (at === undefined ? says.en : `${at}: ${says.en}`));
    this.code = code;
    this.at = at ?? null;
    this.says = says;
    this.remedy = remedy;
    this.suggestions = suggestions;
    this.retryAfterMs = parts.retryAfterMs;
    this.reference = parts.reference;
    this.over = parts.over;
  }
}

/** A refusal to be thrown or sent: `throw refuse("TOO_DEEP")`. */
export const refuse = (code: FaultCode, parts?: RefusalParts): Refusal => new Refusal(code, parts);

/** What the asker gets beside the message. */
export const extensionsOf = (refusal: Refusal): RefusalExtensions => {
  const { code, at, says, remedy, suggestions, retryAfterMs, reference, over } = refusal;
  return {
    code,
    at,
    says,
    remedy,
    suggestions,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(reference !== undefined && { reference }),
    ...over,
  };
};

/** HTTP status of a refusal. */
export const statusOf = ({ code }: Refusal): number => FAULTS[code].status;

/**
 * HTTP headers of a refusal: Retry-After, in whole seconds and at least one, where waiting helps; with status 401
 * WWW-Authenticate (RFC 6750, 3), which calls a token that came invalid.
 */
export const headersOf = ({ code, retryAfterMs }: Refusal): { readonly [name: string]: string } => ({
  ...(retryAfterMs !== undefined && { "Retry-After": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
  ...(FAULTS[code].status === 401 && { "WWW-Authenticate": code === "OPERATOR_ONLY" ? BEARER : INVALID_TOKEN }),
});

const BEARER = 'Bearer realm="odan"';
const INVALID_TOKEN = `${BEARER}, error="invalid_token"`;
