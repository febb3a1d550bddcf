import { join } from "node:path";
import { z } from "zod";
import { type JwtOptions, jwtOptions, USUAL_JWT_ALGORITHMS } from "../askers/jwt-settings.ts";
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
import { LOG_LEVELS, NODE_ENVS, type SETTINGS } from "./settings-table.ts";

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
