import { z } from "zod";
import { LONGEST_DEADLINE_MS } from "../deadline.ts";

/** A reference to a secret: see secretOf. */
export const secret = z
  .string({ error: "wanted env:NAME or file:PATH" })
  .regex(/^(env|file):.+/, "wanted env:NAME or file:PATH, so that no secret stands in bank.yaml");

const file = z.string().min(1);

/** PEM files: authorities to trust in place of the public ones, and the certificate and key of the client. */
export const tlsFiles = z
  .strictObject({
    ca: file.optional().meta({
      description: "PEM file of the authorities to trust, in place of the public ones.",
      example: "ca.pem",
    }),
    certificate: file.optional().meta({ description: "PEM file of Odan's own certificate.", example: "odan.pem" }),
    key: file.optional().meta({ description: "PEM file of the key of that certificate.", example: "odan.key" }),
  })
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
    basic: z
      .strictObject({
        user: word.meta({ description: "Name of the account.", example: "odan" }),
        password: secret.meta({ description: "Its password, as env:NAME or file:PATH.", example: "env:BANK_PASSWORD" }),
      })
      .optional()
      .describe("User and password (HTTP Basic)."),
    bearer: secret.optional().meta({ description: "A token, as env:NAME or file:PATH.", example: "env:BANK_TOKEN" }),
    oauth: z
      .strictObject({
        tokenUrl: httpUrl.meta({ description: "Where tokens are issued.", example: "https://id.bank.example/token" }),
        clientId: word.meta({ description: "Name of Odan there.", example: "odan" }),
        clientSecret: secret.meta({
          description: "Its secret, as env:NAME or file:PATH.",
          example: "file:client.secret",
        }),
        scope: word.optional().meta({ description: "Rights to ask for.", example: "counts" }),
        audience: word
          .optional()
          .meta({ description: "Service that the token is for.", example: "https://bank.example" }),
        sendSecret: z
          .enum(["header", "body"])
          .default("header")
          .describe("Part of the token request that carries the secret."),
      })
      .optional()
      .describe("Client credentials grant of OAuth 2. A token is kept until shortly before it expires."),
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
export const atOnce = (usual: number) =>
  z.int().min(1).max(256).default(usual).meta({
    description: "Most requests, or connections, at the same time, per address.",
    example: 2,
  });

const HTTP = {
  url: addresses(httpUrl).meta({
    description:
      "Of the API; or several of one and the same API, of which the next is asked when one is slow or fails.",
    example: "https://bank.example/api",
  }),
  auth: auth.optional().describe("One way to log in: `basic`, `bearer` or `oauth`. The rights to read are enough."),
  tls: tlsFiles.optional().describe("Certificates for https."),
  proxy: httpUrl
    .optional()
    .meta({ description: "HTTP proxy for every request.", example: "http://proxy.bank.example:3128" }),
  timeoutMs: z
    .int()
    .min(1)
    .default(LONGEST_DEADLINE_MS)
    .meta({ description: "Time limit of one request.", unit: "ms", example: 10_000 }),
};

/**
 * The `adapter:` section of a local API over HTTP: the kind's own settings, and those above. `oauth` is the client credentials
 * grant (RFC 6749, 4.4). `tls` holds for its `tokenUrl` too.
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
