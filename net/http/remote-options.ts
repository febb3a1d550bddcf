import { z } from "zod";
import { LONGEST_DEADLINE_MS } from "../deadline.ts";

/** A reference to a secret: see secretOf. */
export const secret = z
  .string({ error: "wanted env:NAME or file:PATH" })
  .regex(/^(env|file):.+/, "wanted env:NAME or file:PATH, so that no secret stands in bank.yaml");

const file = z.string().min(1);

/** PEM files: authorities to trust in place of the public ones, and the certificate and key of the client. */
export const tlsFiles = z
  .strictObject({ ca: file.optional(), certificate: file.optional(), key: file.optional() })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    message: "wanted `certificate` and `key` together",
  });

const word = z.string().min(1);
const httpUrl = z
  .url({ protocol: /^https?$/, error: "wanted a URL such as https://bank.example/api" })
  .refine((url) => !URL.canParse(url) || isBare(new URL(url)), {
    message: "wanted a URL without user and password: they belong under `auth`",
  });
const isBare = ({ username, password }: URL): boolean => username === "" && password === "";

const auth = z
  .strictObject({
    basic: z.strictObject({ user: word, password: secret }).optional(),
    bearer: secret.optional(),
    oauth: z
      .strictObject({
        tokenUrl: httpUrl,
        clientId: word,
        clientSecret: secret,
        scope: word.optional(),
        audience: word.optional(),
        sendSecret: z.enum(["header", "body"]).default("header"),
      })
      .optional(),
  })
  .refine((ways) => Object.values(ways).filter((way) => way !== undefined).length === 1, {
    message: "wanted one of `basic`, `bearer` and `oauth`",
  });

const NO_URL = "wanted a URL, or a list of them";

/** The URL of a local API, or several of the same API; as a list. */
export const addresses = <T extends z.ZodType<string>>(url: T) =>
  z
    .union([url, z.array(url).min(1, NO_URL)], { error: NO_URL })
    .transform((given): readonly string[] => (typeof given === "string" ? [given] : (given as string[])));

/** Number of concurrent requests or connections. */
export const atOnce = (usual: number) => z.int().min(1).max(256).default(usual);

const HTTP = {
  url: addresses(httpUrl),
  auth: auth.optional(),
  tls: tlsFiles.optional(),
  proxy: httpUrl.optional(),
  timeoutMs: z.int().min(1).default(LONGEST_DEADLINE_MS),
};

/**
 * The `adapter:` section of a local API over HTTP: the kind's own settings and these.
 * - `url`: of the API, or several addresses of the same API for failover and hedging.
 * - `auth`: `basic` with `user` and `password`, a `bearer` token, or `oauth`, the client credentials grant (RFC 6749, 4.4), whose
 *   token is cached until shortly before it expires or until it is refused; `sendSecret`: whether the secret is sent in the header
 *   or the body of the token request. Secrets are env:NAME or file:PATH.
 * - `tls`: `ca` is trusted in place of the public authorities; `certificate` and `key` are the client's. For `tokenUrl` too.
 * - `proxy`: HTTP proxy for all requests.
 * - `timeoutMs`: time limit of a request, default the longest deadline of a question. `atOnce`: concurrent requests, per address.
 */
export const httpOptions = <S extends z.ZodRawShape>(shape: S) =>
  z
    .strictObject({ ...HTTP, ...shape } as typeof HTTP & S)
    .refine((given) => hasHttpsForTls(given as Given<S>), {
      message: "wanted https in every `url`, since there is `tls`",
      path: ["tls"],
    })
    .transform((given) => firstAndOthers(given as Given<S>));

type Given<S extends z.ZodRawShape> = z.output<z.ZodObject<typeof HTTP & S, z.core.$strict>> & {
  readonly url: readonly string[];
};

/** Splits the addresses into the first, `url`, and the `others`. */
const firstAndOthers = <T extends { readonly url: readonly string[] }>({ url: [url = "", ...others], ...rest }: T) => ({
  ...rest,
  url,
  others: others as readonly string[],
});

const hasHttpsForTls = ({ url, tls }: { readonly url: readonly string[]; readonly tls?: unknown }): boolean =>
  tls === undefined || url.every((one) => /^https:/i.test(one));

export type AuthOptions = z.output<typeof auth>;
export type TlsOptions = z.output<typeof tlsFiles>;

/** The settings that an HttpLink is made from: see httpOptions. */
export type HttpRemote = {
  readonly timeoutMs: number;
  readonly auth?: AuthOptions | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly proxy?: string | undefined;
};
