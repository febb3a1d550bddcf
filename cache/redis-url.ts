/** Address and credentials of a Redis. */
export type RedisAddress = { readonly credentials: RedisCredentials } & (
  | { readonly kind: "single"; readonly node: Node; readonly tls: boolean; readonly db: number }
  | { readonly kind: "sentinel"; readonly sentinels: readonly Node[]; readonly master: string; readonly db: number }
  | { readonly kind: "cluster"; readonly nodes: readonly Node[] }
);

type RedisCredentials = { readonly username?: string; readonly password?: string };

type Node = { readonly host: string; readonly port: number };

const FORMS = {
  redis: "redis://[user:password@]host:port[/db]",
  rediss: "rediss://[user:password@]host:port[/db]",
  "redis+sentinel": "redis+sentinel://[user:password@]host:port,host:port/master name[/db]",
  "redis+cluster": "redis+cluster://[user:password@]host:port,host:port",
} as const;

const PORTS = { redis: 6379, rediss: 6379, "redis+sentinel": 26379, "redis+cluster": 6379 } as const;

/**
 * Parses a URL of one of the forms above. Ports are optional, user and password percent-encoded. The credentials are for Redis
 * itself; Sentinels get none.
 * @throws {Error} one line: wanted, got, without the credentials
 */
export const redisAddress = (url: string): RedisAddress => {
  const [, scheme, userInfo, hosts, rest] = URL_PARTS.exec(url) ?? [];
  if (!isScheme(scheme)) throw wanted(Object.values(FORMS).join(" or "), url);
  const path = rest === undefined || rest === "" ? [] : rest.split("/");
  const nodes = hosts!.split(",").map((host) => nodeOf(host, PORTS[scheme]));
  const credentials = userInfo === undefined ? {} : credentialsOf(userInfo);
  const [master, db] = scheme === "redis+sentinel" ? path : [undefined, path[0]];
  const most = scheme === "redis+sentinel" ? 2 : scheme === "redis+cluster" ? 0 : 1;
  if (
    credentials === null ||
    !nodes.every((node) => node !== null) ||
    path.length > most ||
    !/^\d{0,4}$/.test(db ?? "")
  ) {
    throw wanted(FORMS[scheme], url);
  }
  switch (scheme) {
    case "redis+cluster":
      return { kind: "cluster", nodes, credentials };
    case "redis+sentinel": {
      const name = decoded(master ?? "");
      if (!name) throw wanted(FORMS[scheme], url);
      return { kind: "sentinel", sentinels: nodes, master: name, db: Number(db ?? 0), credentials };
    }
    case "redis":
    case "rediss":
      if (nodes.length > 1) throw wanted(FORMS[scheme], url);
      return { kind: "single", node: nodes[0]!, tls: scheme === "rediss", db: Number(db ?? 0), credentials };
  }
};

const URL_PARTS = /^([a-z+]+):\/\/(?:([^/]*)@)?([^/@?#]+)(?:\/([^?#]*))?$/;

const isScheme = (scheme: string | undefined): scheme is keyof typeof FORMS =>
  scheme !== undefined && Object.hasOwn(FORMS, scheme);

const nodeOf = (text: string, usual: number): Node | null => {
  const [, host, port] = /^(\[[\da-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const number = port === undefined ? usual : Number(port);
  if (host === undefined || number < 1 || number > 65_535) return null;
  return { host: host.replace(/^\[|\]$/g, ""), port: number };
};

const credentialsOf = (text: string): RedisCredentials | null => {
  const colon = text.indexOf(":");
  if (colon === -1) return null;
  const [username, password] = [decoded(text.slice(0, colon)), decoded(text.slice(colon + 1))];
  if (username === null || !password) return null;
  return username === "" ? { password } : { username, password };
};

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};

const wanted = (form: string, got: string): Error =>
  new Error(`Redis URL: wanted ${form}, got ${JSON.stringify(got.replace(/\/\/.*@/s, "//***@"))}`);
