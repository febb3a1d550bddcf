import { JWT_ALGORITHMS, USUAL_JWT_ALGORITHMS } from "../askers/jwt-settings.ts";
import { LIMITS } from "../limits.ts";

/** From what has to be told at once to nothing, as pino counts them. */
export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
/** What a process runs for; production is the strictest. */
export const NODE_ENVS = ["development", "production", "test"] as const;

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
