import { join } from "node:path";
import { z } from "zod";
import { JWT_ALGORITHMS, type JwtOptions, jwtOptions, USUAL_JWT_ALGORITHMS } from "../askers/jwt-settings.ts";
import type { Environment } from "../environment.ts";
import type { RateSettings } from "../fairness/rate.ts";
import { LOOPBACK_ORIGINS } from "../http/allowed-origins.ts";
import { LIMITS, LONGEST_LEASE_MS } from "../limits.ts";
import { bundledBanks, unknownSetting } from "./known-settings.ts";
import {
  addressBlocks,
  algorithms,
  banks,
  hosts,
  integer,
  keysUrl,
  oneOf,
  origins,
  rate,
  text,
  units,
  words,
} from "./setting-values.ts";

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
const NODE_ENVS = ["development", "production", "test"] as const;

/** Every variable that Odan itself reads, with its default and its meaning. docs/settings.md prints this table, and a test compares. */
export const SETTINGS = [
  { name: "PORT", default: "4000", meaning: "Port of the gateway, or of the bank that is served; 0 takes a free one." },
  { name: "HOST", default: "127.0.0.1", meaning: "Address that it listens on." },
  {
    name: "ODAN_BANKS",
    default: "every subgraphs/banks/*/bank.yaml",
    meaning:
      "The banks, separated by commas or colons: paths of bank.yaml files, or URLs of subgraphs that are processes of their own. One that is not on this machine has its id before and its public key after its URL: bbj=https://host:4201/#KEY.",
  },
  {
    name: "ODAN_DATA",
    default: ".odan",
    meaning: "Folder for what has to last: release states, the gateways' key, and what the sandbox built.",
  },
  {
    name: "ODAN_CORS",
    default: "none",
    meaning:
      "Origins whose pages may ask the gateway, separated by commas; http://localhost:* is that host at every port, * every origin. In development (NODE_ENV is not production) pages of this machine may ask too.",
  },
  {
    name: "ODAN_HOSTS",
    default: "none",
    meaning:
      "Host names under which it answers beside localhost, HOST and every IP address, separated by commas; .example.org is every name below it, * any name.",
  },
  {
    name: "ODAN_GRAPHIQL",
    default: "0",
    meaning: "1 serves GraphiQL at /graphiql, where its package is installed. npm start sets it.",
  },
  {
    name: "ODAN_DEADLINE_MS",
    default: "5000",
    meaning: `Milliseconds a bank may take where the question does not say; at most ${LIMITS.deadlineMs}.`,
  },
  {
    name: "ODAN_REDIS_URL",
    default: "none",
    meaning:
      "Cache that gateways share: redis://host:6379, rediss://, redis+sentinel://host:26379,host:26379/name or redis+cluster://host:6379,host:6379. Without it each gateway has its memory.",
  },
  { name: "ODAN_CACHE_MB", default: "64", meaning: "Megabytes of memory for answers." },
  {
    name: "ODAN_KEY_FILE",
    default: "gateway.key in ODAN_DATA",
    meaning:
      "Keys that all gateways of a federation share, 32 bytes in hex a line: the first writes and signs, all read and verify. Made where it is missing.",
  },
  {
    name: "ODAN_STATE_URL",
    default: "state.txt in ODAN_DATA",
    meaning:
      "Redis for what must not be lost, such as tokens: a URL like that of ODAN_REDIS_URL, of a Redis with maxmemory-policy noeviction and appendonly yes.",
  },
  {
    name: "ODAN_OPERATOR_TOKEN_FILE",
    default: "none",
    meaning:
      "File with a token for publishing releases of the banks of this process, beside the tokens of odan token operator.",
  },
  {
    name: "ODAN_JWT_ISSUER",
    default: "none",
    meaning: "Identity provider whose JWTs sign researchers in: their iss. Needs the next two settings.",
  },
  {
    name: "ODAN_JWT_AUDIENCE",
    default: "none",
    meaning: "What a JWT has to be for, one of these, separated by commas: its aud.",
  },
  {
    name: "ODAN_JWT_JWKS_URL",
    default: "none",
    meaning: "Where the identity provider publishes its keys: https, or http on this machine.",
  },
  {
    name: "ODAN_JWT_ALGORITHMS",
    default: USUAL_JWT_ALGORITHMS.join(","),
    meaning: `Signatures that are accepted, separated by commas, out of ${JWT_ALGORITHMS.join(", ")}.`,
  },
  {
    name: "ODAN_JWT_TOLERANCE_S",
    default: "30",
    meaning: "Seconds by which the clocks of gateway and identity provider may differ; at most 300.",
  },
  {
    name: "ODAN_TOKEN",
    default: "none",
    meaning: "Token with which the commands of odan ask a gateway. Nothing else reads it.",
  },
  {
    name: "ODAN_TRUSTED_PROXIES",
    default: "none",
    meaning:
      "Addresses and CIDR blocks, separated by commas, of the proxies whose X-Forwarded-For and Forwarded are believed.",
  },
  {
    name: "ODAN_GATEWAY_KEYS",
    default: "none",
    meaning:
      "Of a subgraph: the gateways' public keys, separated by commas, or a file with them; only requests that are signed with one of them are answered. Wanted where HOST is not this machine alone.",
  },
  {
    name: "ODAN_BANK_KEY_FILE",
    default: "bank.key in ODAN_DATA",
    meaning: "Of a subgraph: the private key that signs its answers, Ed25519 in PEM; made where it is missing.",
  },
  {
    name: "ODAN_TLS_CERT_FILE",
    default: "none",
    meaning: "Certificate in PEM that a subgraph serves https with, and that a gateway shows to subgraphs.",
  },
  { name: "ODAN_TLS_KEY_FILE", default: "none", meaning: "Private key of that certificate, in PEM." },
  {
    name: "ODAN_TLS_CA_FILE",
    default: "none",
    meaning:
      "Authority in PEM. A subgraph answers only clients whose certificate it has signed; a gateway trusts it for subgraphs, in place of the public ones.",
  },
  {
    name: "ODAN_LEASE_MS",
    default: "5000",
    meaning: "Milliseconds for which a bank's word that a release is current holds; publishing takes as long.",
  },
  {
    name: "ODAN_RATE",
    default: "600",
    meaning:
      "Units of work that come back to an asker in a minute; a question to five banks takes about ten (docs/limits.md). off: no limit on anybody, for tests and load checks alone; production refuses it.",
  },
  {
    name: "ODAN_RATE_BURST",
    default: "200",
    meaning: "Units that an asker who has been idle may spend at once.",
  },
  {
    name: "ODAN_RATE_REGISTERED",
    default: "twice ODAN_RATE",
    meaning:
      "Units that come back in a minute to a registered researcher and to an operator: a name can be revoked, an address cannot.",
  },
  { name: "LOG_LEVEL", default: "info", meaning: `Least level that is logged: ${LOG_LEVELS.join(", ")}.` },
  {
    name: "NODE_ENV",
    default: "development",
    meaning: "One of development, production, test.",
  },
] as const;

/** An unknown variable or a wrong value. The message is one line for the operator. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Checks the settings in an environment. An empty variable counts as absent.
 * @param files bank.yaml files beside those of ODAN_BANKS; variables that any of them refers to are known
 * @param others names of variables that programs beside this one read: known too
 * @throws {ConfigError} for an ODAN_ variable that nothing refers to, and for a wrong value
 */
export const readConfig = (env: Environment, files: readonly string[] = [], others: readonly string[] = []) => {
  const given = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  );
  const { data: settings, error } = checked.safeParse(given);
  if (error !== undefined) throw new ConfigError(`${String(error.issues[0]?.path[0])}: ${error.issues[0]?.message}`);
  const { ODAN_BANKS: banks = bundledBanks(), ODAN_DATA: data } = settings;
  const unknown = unknownSetting(given, Object.keys(checked.shape), { banks: [...banks, ...files], others });
  if (unknown !== null) throw new ConfigError(unknown);
  return {
    /** 0: any free port. */
    port: settings.PORT,
    host: settings.HOST,
    /** Paths of bank.yaml files, and URLs of subgraphs. */
    banks,
    /** Folder of release states, the key, and copies of bank cards. */
    data,
    keyFile: settings.ODAN_KEY_FILE ?? join(data, "gateway.key"),
    operatorTokenFile: settings.ODAN_OPERATOR_TOKEN_FILE ?? null,
    /** The identity provider; null: none. */
    jwt: jwtOf(settings),
    /** Addresses and CIDR blocks. */
    trustedProxies: settings.ODAN_TRUSTED_PROXIES,
    /** Public keys of the gateways that a subgraph answers, or a file with them; null: it answers every client. */
    gatewayKeys: settings.ODAN_GATEWAY_KEYS ?? null,
    bankKeyFile: settings.ODAN_BANK_KEY_FILE ?? join(data, "bank.key"),
    /** PEM files between gateways and subgraphs. */
    tls: {
      certFile: settings.ODAN_TLS_CERT_FILE ?? null,
      keyFile: settings.ODAN_TLS_KEY_FILE ?? null,
      caFile: settings.ODAN_TLS_CA_FILE ?? null,
    },
    redisUrl: settings.ODAN_REDIS_URL ?? null,
    /** Redis of the state; null: a file in the data folder. */
    stateUrl: settings.ODAN_STATE_URL ?? null,
    cacheBytes: settings.ODAN_CACHE_MB * 2 ** 20,
    leaseMs: settings.ODAN_LEASE_MS,
    /** Origins whose pages may ask; `*` is any. */
    /** Origins whose pages may ask (see mayAsk). In development those of this machine may too. */
    cors: [...settings.ODAN_CORS, ...(settings.NODE_ENV === "production" ? [] : LOOPBACK_ORIGINS)],
    /** Host names under which it answers, beside those of the loopback interface and addresses; `*` is any. */
    hosts: settings.ODAN_HOSTS,
    graphiql: settings.ODAN_GRAPHIQL === "1",
    /** Deadline of a bank in ms, where the question has none. */
    deadlineMs: settings.ODAN_DEADLINE_MS,
    /** Null: no limit on anybody. */
    rate: rateOf(settings),
    logLevel: settings.LOG_LEVEL,
    development: settings.NODE_ENV !== "production",
    /** The whole environment, for the references in bank.yaml (`${NAME}`, `env:NAME`). */
    env,
  };
};

/** The settings of a gateway, or of a subgraph of its own, checked. */
export type Config = Readonly<ReturnType<typeof readConfig>>;

/** @throws {ConfigError} for `off` in production */
const rateOf = ({ ODAN_RATE, ODAN_RATE_BURST, ODAN_RATE_REGISTERED, NODE_ENV }: Settings): RateSettings | null => {
  if (ODAN_RATE !== "off") {
    const registeredPerMinute = ODAN_RATE_REGISTERED ?? 2 * ODAN_RATE;
    return { burst: ODAN_RATE_BURST, perMinute: ODAN_RATE, registeredPerMinute };
  }
  if (NODE_ENV !== "production") return null;
  throw new ConfigError(
    "ODAN_RATE: wanted units a minute in production, got off: one asker could then bring everything down. Leave it out for 600.",
  );
};

const checked = z.object({
  PORT: integer(0, 65_535).default(4000),
  HOST: text.default("127.0.0.1"),
  ODAN_BANKS: banks.optional(),
  ODAN_DATA: text.default(".odan"),
  ODAN_CORS: origins.default([]),
  ODAN_HOSTS: hosts.default([]),
  ODAN_GRAPHIQL: oneOf(["0", "1"]).default("0"),
  ODAN_DEADLINE_MS: integer(1, LIMITS.deadlineMs).default(5000),
  ODAN_REDIS_URL: text.optional(),
  ODAN_CACHE_MB: integer(1, 65_536).default(64),
  ODAN_KEY_FILE: text.optional(),
  ODAN_STATE_URL: text.optional(),
  ODAN_OPERATOR_TOKEN_FILE: text.optional(),
  ODAN_JWT_ISSUER: text.optional(),
  ODAN_JWT_AUDIENCE: words.optional(),
  ODAN_JWT_JWKS_URL: keysUrl.optional(),
  ODAN_JWT_ALGORITHMS: algorithms.default([...USUAL_JWT_ALGORITHMS]),
  ODAN_JWT_TOLERANCE_S: integer(0, 300).default(30),
  ODAN_TOKEN: text.optional(),
  ODAN_TRUSTED_PROXIES: addressBlocks.default([]),
  ODAN_GATEWAY_KEYS: text.optional(),
  ODAN_BANK_KEY_FILE: text.optional(),
  ODAN_TLS_CERT_FILE: text.optional(),
  ODAN_TLS_KEY_FILE: text.optional(),
  ODAN_TLS_CA_FILE: text.optional(),
  ODAN_LEASE_MS: integer(100, LONGEST_LEASE_MS).default(5000),
  ODAN_RATE: rate.default(600),
  ODAN_RATE_BURST: units.default(200),
  ODAN_RATE_REGISTERED: units.optional(),
  LOG_LEVEL: oneOf(LOG_LEVELS).default("info"),
  NODE_ENV: oneOf(NODE_ENVS).default("development"),
} satisfies { readonly [Name in (typeof SETTINGS)[number]["name"]]: z.ZodType });

type Settings = z.infer<typeof checked>;

/** @throws {ConfigError} where one of the settings that belong together is missing */
const jwtOf = (settings: z.output<typeof checked>): JwtOptions | null => {
  try {
    return jwtOptions(settings);
  } catch (error) {
    throw error instanceof RangeError ? new ConfigError(error.message) : error;
  }
};
