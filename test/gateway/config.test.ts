import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LOOPBACK_ORIGINS } from "../../gateway/http/allowed-origins.ts";
import { ConfigError, readConfig } from "../../gateway/settings/config.ts";
import { SETTINGS } from "../../gateway/settings/settings-table.ts";

test("without any setting the defaults hold", () => {
  const { banks, env, ...rest } = readConfig({});
  expect(rest).toEqual({
    port: 4000,
    host: "127.0.0.1",
    cors: LOOPBACK_ORIGINS,
    hosts: [],
    graphiql: false,
    deadlineMs: 5000,
    logLevel: "info",
    development: true,
    data: ".odan",
    keyFile: ".odan/gateway.key",
    operatorTokenFile: null,
    gatewayKeys: null,
    bankKeyFile: ".odan/bank.key",
    tls: { certFile: null, keyFile: null, caFile: null },
    jwt: null,
    trustedProxies: [],
    redisUrl: null,
    stateUrl: null,
    cacheBytes: 64 * 2 ** 20,
    leaseMs: 5000,
    rate: { burst: 200, perMinute: 600, registeredPerMinute: 1200 },
  });
  expect(env).toEqual({});
  expect(banks.every((path) => path.endsWith("bank.yaml"))).toBe(true);
});

test("nobody is limited where ODAN_RATE is off, which production refuses", () => {
  expect(readConfig({ ODAN_RATE: "off" }).rate).toBeNull();
  expect(() => readConfig({ ODAN_RATE: "off", NODE_ENV: "production" })).toThrow(
    "ODAN_RATE: wanted units a minute in production, got off",
  );
  for (const wrong of ["0", "-1", "none", "1e9", "1000001"])
    expect(() => readConfig({ ODAN_RATE: wrong }), wrong).toThrow(/^ODAN_RATE: wanted/);
});

test("every setting is read", () => {
  const env = {
    PORT: "0",
    HOST: "::1",
    ODAN_BANKS: "a/bank.yaml, b/bank.yaml:c/bank.yaml,http://127.0.0.1:4201/",
    ODAN_REDIS_URL: "redis://127.0.0.1:6379",
    ODAN_STATE_URL: "redis://127.0.0.1:6380",
    ODAN_CACHE_MB: "2",
    ODAN_KEY_FILE: "keys/gateway.key",
    ODAN_OPERATOR_TOKEN_FILE: "keys/token",
    ODAN_JWT_ISSUER: "https://id.example/",
    ODAN_JWT_AUDIENCE: "odan, https://odan.example/",
    ODAN_JWT_JWKS_URL: "https://id.example/keys",
    ODAN_JWT_ALGORITHMS: "ES256,EdDSA",
    ODAN_JWT_TOLERANCE_S: "5",
    ODAN_TOKEN: "of the command line",
    ODAN_TRUSTED_PROXIES: "10.0.0.0/8, 192.0.2.1, fd00::/8",
    ODAN_GATEWAY_KEYS: "keys/gateways",
    ODAN_BANK_KEY_FILE: "keys/bank.key",
    ODAN_TLS_CERT_FILE: "tls/cert.pem",
    ODAN_TLS_KEY_FILE: "tls/key.pem",
    ODAN_LEASE_MS: "400",
    ODAN_CORS: "https://a.example, http://localhost:8080",
    ODAN_HOSTS: "odan.example.org, .example.net,*",
    ODAN_GRAPHIQL: "1",
    ODAN_DEADLINE_MS: "30000",
    ODAN_DATA: "data",
    ODAN_RATE: "60",
    ODAN_RATE_BURST: "20",
    ODAN_RATE_REGISTERED: "90",
    LOG_LEVEL: "debug",
    NODE_ENV: "production",
    TMM_TOKEN: "kept for bank.yaml",
  };
  expect(readConfig(env)).toEqual({
    port: 0,
    host: "::1",
    banks: ["a/bank.yaml", "b/bank.yaml", "c/bank.yaml", "http://127.0.0.1:4201/"],
    data: "data",
    redisUrl: "redis://127.0.0.1:6379",
    stateUrl: "redis://127.0.0.1:6380",
    cacheBytes: 2 * 2 ** 20,
    keyFile: "keys/gateway.key",
    operatorTokenFile: "keys/token",
    jwt: {
      issuer: "https://id.example/",
      audiences: ["odan", "https://odan.example/"],
      keysUrl: new URL("https://id.example/keys"),
      algorithms: ["ES256", "EdDSA"],
      toleranceS: 5,
    },
    trustedProxies: ["10.0.0.0/8", "192.0.2.1", "fd00::/8"],
    gatewayKeys: "keys/gateways",
    bankKeyFile: "keys/bank.key",
    tls: { certFile: "tls/cert.pem", keyFile: "tls/key.pem", caFile: null },
    leaseMs: 400,
    cors: ["https://a.example", "http://localhost:8080"],
    hosts: ["odan.example.org", ".example.net", "*"],
    graphiql: true,
    deadlineMs: 30_000,
    rate: { burst: 20, perMinute: 60, registeredPerMinute: 90 },
    logLevel: "debug",
    development: false,
    env,
  });
});

// An IPv6 address was cut at its first colon, and so was nothing before a path that begins with a digit.
test.each<[string, readonly string[]]>([
  ["http://[::1]:4201/,http://[fe80::1]/graphql", ["http://[::1]:4201/", "http://[fe80::1]/graphql"]],
  ["a/bank.yaml:2/bank.yaml", ["a/bank.yaml", "2/bank.yaml"]],
  [
    "http://bank:4201:a b/bank.yaml , https://bank.example/x",
    ["http://bank:4201", "a b/bank.yaml", "https://bank.example/x"],
  ],
  ["http://a:1/|http://[::1]:2/x,b/bank.yaml", ["http://a:1/|http://[::1]:2/x", "b/bank.yaml"]],
  [
    "bbj=https://b.example:42/#K+L|https://c.example/#M,d.yaml",
    ["bbj=https://b.example:42/#K+L|https://c.example/#M", "d.yaml"],
  ],
  [", :", []],
])("the banks in %j", (text, banks) => {
  expect(readConfig({ ODAN_BANKS: text }).banks).toEqual(banks);
});

test("an empty setting counts as absent", () => {
  expect(readConfig({ PORT: "", ODAN_CORS: " ", NODE_ENV: "" })).toMatchObject({
    port: 4000,
    cors: LOOPBACK_ORIGINS,
    development: true,
  });
});

test.each([
  [{ PORT: "abc" }, 'PORT: wanted 0 to 65535, got "abc"'],
  [{ PORT: "65536" }, 'PORT: wanted 0 to 65535, got "65536"'],
  [{ PORT: "-1" }, 'PORT: wanted 0 to 65535, got "-1"'],
  [{ ODAN_DEADLINE_MS: "0" }, 'ODAN_DEADLINE_MS: wanted 1 to 30000, got "0"'],
  [{ ODAN_DEADLINE_MS: "1e3" }, 'ODAN_DEADLINE_MS: wanted 1 to 30000, got "1e3"'],
  [
    { ODAN_CORS: "a.example" },
    'ODAN_CORS: wanted origins such as https://example.org or http://localhost:*, or *, got "a.example"',
  ],
  [
    { ODAN_CORS: "https://a.example/" },
    'ODAN_CORS: wanted origins such as https://example.org or http://localhost:*, or *, got "https://a.example/"',
  ],
  ...["10.0.0.0/33", "fd00::/129", "proxy.example", "10.0.0", "::1%lo", "10.0.0.0/", "10.0.0.0/8/8"].map(
    (blocks): [{ [name: string]: string }, string] => [
      { ODAN_TRUSTED_PROXIES: `127.0.0.1,${blocks}` },
      `ODAN_TRUSTED_PROXIES: wanted addresses or blocks such as 192.0.2.1, 10.0.0.0/8 or fd00::/8, got ${JSON.stringify(blocks)}`,
    ],
  ),
  [
    { ODAN_JWT_ISSUER: "https://id.example/", ODAN_JWT_JWKS_URL: "https://id.example/keys" },
    "ODAN_JWT_AUDIENCE: wanted all of ODAN_JWT_ISSUER, ODAN_JWT_AUDIENCE, ODAN_JWT_JWKS_URL or none, got none of this one.",
  ],
  ...["HS256", "none", "RS256,none", "rs256"].map((names): [{ [name: string]: string }, string] => [
    { ODAN_JWT_ALGORITHMS: names },
    `ODAN_JWT_ALGORITHMS: wanted one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, got ${JSON.stringify(names.split(",").at(-1))}`,
  ]),
  ...["http://id.example/keys", "ftp://127.0.0.1/", "keys", "https://a:b@id.example/"].map(
    (url): [{ [name: string]: string }, string] => [
      { ODAN_JWT_JWKS_URL: url },
      `ODAN_JWT_JWKS_URL: wanted an https URL, or http on this machine, without user and password, got ${JSON.stringify(url)}`,
    ],
  ),
  [{ ODAN_JWT_TOLERANCE_S: "301" }, 'ODAN_JWT_TOLERANCE_S: wanted 0 to 300, got "301"'],
  [
    { ODAN_HOSTS: "https://odan.example.org" },
    'ODAN_HOSTS: wanted host names without a port, such as odan.example.org, or *, got "https://odan.example.org"',
  ],
  [
    { ODAN_HOSTS: "odan.example.org:443" },
    'ODAN_HOSTS: wanted host names without a port, such as odan.example.org, or *, got "odan.example.org:443"',
  ],
  [{ ODAN_GRAPHIQL: "yes" }, 'ODAN_GRAPHIQL: wanted one of 0, 1, got "yes"'],
  [{ LOG_LEVEL: "loud" }, 'LOG_LEVEL: wanted one of fatal, error, warn, info, debug, trace, silent, got "loud"'],
  [{ NODE_ENV: "prod" }, 'NODE_ENV: wanted one of development, production, test, got "prod"'],
  [{ ODAN_BANK: "x" }, "ODAN_BANK is no setting of Odan. Did you mean ODAN_BANKS?"],
  [
    { ODAN_COLOUR_OF_THE_MOON: "x" },
    "ODAN_COLOUR_OF_THE_MOON is no setting of Odan. docs/settings.md lists them, and no bank.yaml in use names it.",
  ],
])("%j stops the gateway with one line", (env, message) => {
  expect(() => readConfig(env)).toThrow(new ConfigError(message));
});

// Every bank cost a line of the table of settings, though its bank.yaml names what it needs.
test("a variable that a bank.yaml names is known, one of the sandbox is not", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "odan-config-")), "bank.yaml");
  await writeFile(file, `adapter: { url: "\${ODAN_NEW_URL}", auth: { bearer: "env:ODAN_NEW_TOKEN" } }`);
  const env = { ODAN_NEW_URL: "https://new.example/", ODAN_NEW_TOKEN: "x" };
  expect(readConfig({ ...env, ODAN_BANKS: file }).env).toMatchObject(env);
  expect(readConfig(env, [file]).env).toEqual(env);
  expect(() => readConfig(env)).toThrow("ODAN_NEW_URL is no setting of Odan.");
  expect(readConfig({ ODAN_TMM_URL: "http://127.0.0.1:1/" }).env).toEqual({ ODAN_TMM_URL: "http://127.0.0.1:1/" });
  // npm start sets the variables of all its banks, also where ODAN_BANKS names others.
  expect(readConfig({ ...env, ODAN_BANKS: file, ODAN_TMM_URL: "http://127.0.0.1:1/" }).banks).toEqual([file]);
  expect(() => readConfig({ ODAN_SIZ: "1" }, [], ["ODAN_SIZE"])).toThrow("Did you mean ODAN_SIZE?");
  expect(() => readConfig({ ODAN_SIZE: "0.1" })).toThrow("ODAN_SIZE is no setting of Odan.");
  expect(readConfig({ ODAN_SIZE: "" }).env).toEqual({ ODAN_SIZE: "" });
});

test("every setting has a default and a meaning", () => {
  for (const { name, default: byDefault, meaning } of SETTINGS) {
    expect(name).toMatch(/^[A-Z_]+$/);
    expect(byDefault).not.toBe("");
    expect(meaning).toMatch(/\.$/);
  }
});
