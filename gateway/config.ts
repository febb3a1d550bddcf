import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nearest } from "../schema/question-error.ts";
import { type Environment, environment } from "./environment.ts";
import { LIMITS, LONGEST_LEASE_MS } from "./limits.ts";

/** What the gateway was told by its environment, checked. */
export type Config = {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /** Paths of bank.yaml files, and URLs of subgraphs. */
  readonly banks: readonly string[];
  /** Folder for what has to last. */
  readonly data: string;
  readonly keyFile: string;
  readonly operatorTokenFile: string | null;
  readonly redisUrl: string | null;
  readonly cacheBytes: number;
  readonly leaseMs: number;
  /** Origins that a browser may ask from; `*` is any. */
  readonly cors: readonly string[];
  /** How long a bank may take where the question does not say. */
  readonly deadlineMs: number;
  readonly logLevel: LogLevel;
  readonly development: boolean;
  /** The whole environment, for what bank.yaml takes from it (`env:NAME`). */
  readonly env: Environment;
};

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
const NODE_ENVS = ["development", "production", "test"];

/** Every variable that Odan reads, with its default and its meaning. The README prints this table and a test compares. */
export const SETTINGS = [
  { name: "PORT", default: "4000", meaning: "Port of the gateway, or of the bank that is served; 0 takes a free one." },
  { name: "HOST", default: "127.0.0.1", meaning: "Address that it listens on." },
  {
    name: "ODAN_BANKS",
    default: "every subgraphs/banks/*/bank.yaml",
    meaning:
      "The banks, separated by commas or colons: paths of bank.yaml files, or URLs of subgraphs that are processes of their own.",
  },
  {
    name: "ODAN_DATA",
    default: ".odan",
    meaning: "Folder for what has to last: release states, the gateways' key, and what the sandbox built.",
  },
  { name: "ODAN_SIZE", default: "1", meaning: "Size of the sandbox's banks: 1 is their published size." },
  {
    name: "ODAN_CORS",
    default: "none",
    meaning: "Origins whose pages may ask the gateway, separated by commas; * is every origin.",
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
    meaning: "32 bytes in hex that all gateways of a federation share; made where it is missing.",
  },
  {
    name: "ODAN_OPERATOR_TOKEN_FILE",
    default: "none",
    meaning: "File with the token that publishing a release needs. Without it nobody can.",
  },
  {
    name: "ODAN_LEASE_MS",
    default: "5000",
    meaning: "Milliseconds for which a bank's word that a release is current holds; publishing takes as long.",
  },
  {
    name: "ODAN_TMM_URL",
    default: "http://127.0.0.1:4101/",
    meaning: "URL of TMM's local API, as its bank.yaml names it.",
  },
  {
    name: "ODAN_CANCER_URL",
    default: "http://127.0.0.1:4103/graphql",
    meaning: "URL of the cancer repository's local API, as its bank.yaml names it.",
  },
  {
    name: "ODAN_NCBN_URL",
    default: "postgres://postgres@127.0.0.1:4105/postgres",
    meaning: "URL of NCBN's database, as its bank.yaml names it.",
  },
  {
    name: "ODAN_NCBN_CANCEL",
    default: "abandon",
    meaning: "request: NCBN's database takes cancel requests, as PostgreSQL does. abandon: it does not (PGlite).",
  },
  {
    name: "ODAN_POSTGRES_URL",
    default: "none",
    meaning: "URL of a PostgreSQL server that the sandbox uses for NCBN instead of PGlite.",
  },
  {
    name: "ODAN_RARE_URL",
    default: "http://127.0.0.1:4104/fhir",
    meaning: "URL of the rare-disease repository's local API, as its bank.yaml names it.",
  },
  { name: "LOG_LEVEL", default: "info", meaning: `Least level that is logged: ${LOG_LEVELS.join(", ")}.` },
  {
    name: "NODE_ENV",
    default: "development",
    meaning: "production: no GraphiQL. One of development, production, test.",
  },
] as const;

type SettingName = (typeof SETTINGS)[number]["name"];

/** A variable that is unknown or has a wrong value. The message is one line for the operator. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Checks the environment. An empty variable counts as absent.
 * @throws {ConfigError} for an ODAN_ variable that is not in SETTINGS, and for a wrong value.
 */
export const readConfig = (env: Environment = environment): Config => {
  const unknown = Object.keys(env).find((name) => name.startsWith("ODAN_") && !SETTINGS.some((s) => s.name === name));
  if (unknown !== undefined) throw new ConfigError(`${unknown} is no setting of Odan.${meant(unknown)}`);

  const read = (name: SettingName): string | undefined => env[name]?.trim() || undefined;
  const integer = (name: SettingName, fallback: number, least: number, most: number): number => {
    const value = read(name);
    if (value === undefined) return fallback;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    return number >= least && number <= most ? number : wrong(name, `${least} to ${most}`, value);
  };
  const oneOf = <T extends string>(name: SettingName, fallback: T, allowed: readonly T[]): T => {
    const value = read(name);
    if (value === undefined) return fallback;
    return allowed.find((candidate) => candidate === value) ?? wrong(name, `one of ${allowed.join(", ")}`, value);
  };
  const list = (name: SettingName, separator: RegExp): readonly string[] =>
    (read(name) ?? "")
      .split(separator)
      .map((item) => item.trim())
      .filter((item) => item !== "");

  const tmm = read("ODAN_TMM_URL");
  if (tmm !== undefined && !/^https?:$/.test(URL.canParse(tmm) ? new URL(tmm).protocol : "")) {
    wrong("ODAN_TMM_URL", "an http or https URL", tmm);
  }
  const data = read("ODAN_DATA") ?? ".odan";
  return {
    port: integer("PORT", 4000, 0, 65_535),
    host: read("HOST") ?? "127.0.0.1",
    banks: read("ODAN_BANKS") === undefined ? banksOfTheHouse() : (read("ODAN_BANKS")?.match(BANK) ?? []),
    data,
    keyFile: read("ODAN_KEY_FILE") ?? join(data, "gateway.key"),
    operatorTokenFile: read("ODAN_OPERATOR_TOKEN_FILE") ?? null,
    redisUrl: read("ODAN_REDIS_URL") ?? null,
    cacheBytes: integer("ODAN_CACHE_MB", 64, 1, 65_536) * 2 ** 20,
    leaseMs: integer("ODAN_LEASE_MS", 5000, 100, LONGEST_LEASE_MS),
    cors: list("ODAN_CORS", /,/).map((origin) => (isOrigin(origin) ? origin : wrong("ODAN_CORS", ORIGINS, origin))),
    deadlineMs: integer("ODAN_DEADLINE_MS", 5000, 1, LIMITS.deadlineMs),
    logLevel: oneOf("LOG_LEVEL", "info", LOG_LEVELS),
    development: oneOf("NODE_ENV", "development", NODE_ENVS) !== "production",
    env,
  };
};

/** One bank: a path, or its URLs with | between them; a host may be an IPv6 address. Around it commas, colons and spaces. */
const BANK_URL = String.raw`https?://(?:\[[^\]]*\])?[^,:|\s]*(?::\d+[^,:|\s]*)?`;
const BANK = new RegExp(String.raw`${BANK_URL}(?:\|${BANK_URL})*|[^,:\s](?:[^,:]*[^,:\s])?`, "gi");

const ORIGINS = "origins such as https://example.org, or *";
const isOrigin = (text: string): boolean => text === "*" || (URL.canParse(text) && new URL(text).origin === text);

const meant = (name: string): string => {
  const [near] = nearest(
    name,
    SETTINGS.map((setting) => setting.name),
  );
  return near === undefined ? " The README lists the settings." : ` Did you mean ${near}?`;
};

const wrong = (name: SettingName, wanted: string, got: string): never => {
  throw new ConfigError(`${name}: wanted ${wanted}, got ${JSON.stringify(got)}`);
};

const banksOfTheHouse = (): readonly string[] => {
  const folder = fileURLToPath(new URL("../subgraphs/banks", import.meta.url));
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name, "bank.yaml"))
    .sort();
};
