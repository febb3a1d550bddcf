import { z } from "zod";
import { LONGEST_DEADLINE_MS } from "../deadline.ts";

/** A secret that stands elsewhere: see secretOf. */
export const secret = z
  .string({ error: "wanted env:NAME or file:PATH" })
  .regex(/^(env|file):.+/, "wanted env:NAME or file:PATH, so that no secret stands in bank.yaml");

const file = z.string().min(1);

/** Files: authorities that are trusted in place of the public ones, and the certificate and key that we show. */
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

/** One URL, or several of one and the same local API; as a list. */
export const addresses = <T extends z.ZodType<string>>(url: T) =>
  z
    .union([url, z.array(url).min(1, NO_URL)], { error: NO_URL })
    .transform((given): readonly string[] => (typeof given === "string" ? [given] : (given as string[])));

/** How many requests or connections at a time. */
export const atOnce = (usual: number) => z.int().min(1).max(256).default(usual);

const HTTP = {
  url: addresses(httpUrl),
  auth: auth.optional(),
  tls: tlsFiles.optional(),
  proxy: httpUrl.optional(),
  timeoutMs: z.int().min(1).default(LONGEST_DEADLINE_MS),
};

/**
 * The `adapter:` section of a local API that is asked over HTTP: its own settings and these.
 * - `url`: of the API; or several addresses at which one and the same API answers, of which the next is asked when one is
 *   slow or fails.
 * - `auth`: `basic` with `user` and `password`; a `bearer` token; or `oauth`, client credentials (RFC 6749, 4.4): the token
 *   of `tokenUrl` is kept until shortly before it expires and fetched anew when it is refused; `sendSecret` says where the
 *   secret stands in that request. Secrets are env:NAME or file:PATH.
 * - `tls`: `ca` is trusted in place of the public authorities; `certificate` and `key` are shown to the server. They go for
 *   `tokenUrl`, too.
 * - `proxy`: the HTTP proxy through which all of them are reached.
 * - `timeoutMs`: time limit of a request, default the longest deadline of a question. `atOnce`: requests at a time, at each address.
 */
export const httpOptions = <S extends z.ZodRawShape>(shape: S) =>
  z
    .strictObject({ ...HTTP, ...shape } as typeof HTTP & S)
    .superRefine((given, context) =>
      checkTls(given as { readonly url: readonly string[]; readonly tls?: unknown }, context),
    )
    .transform((given) => firstAndOthers(given as Given<S>));

type Given<S extends z.ZodRawShape> = z.output<z.ZodObject<typeof HTTP & S, z.core.$strict>> & {
  readonly url: readonly string[];
};

/** Makes of all addresses the first one, `url`, and the `others`. */
export const firstAndOthers = <T extends { readonly url: readonly string[] }>({
  url: [url = "", ...others],
  ...rest
}: T) => ({ ...rest, url, others: others as readonly string[] });

/** TLS goes with https only. */
const checkTls = (
  { url, tls }: { readonly url: readonly string[]; readonly tls?: unknown },
  context: z.core.$RefinementCtx,
): void => {
  if (tls === undefined || url.every((one) => /^https:/i.test(one))) return;
  context.addIssue({ code: "custom", path: ["tls"], message: "wanted https in every `url`, since there is `tls`" });
};

export type AuthOptions = z.output<typeof auth>;
export type TlsOptions = z.output<typeof tlsFiles>;

/** What a link to a server over HTTP is made from: see httpOptions. */
export type HttpRemote = {
  readonly timeoutMs: number;
  readonly auth?: AuthOptions | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly proxy?: string | undefined;
};
