import type { Redis } from "ioredis";

/** What a server of the state store has to be set to. */
const WANTED = { "maxmemory-policy": "noeviction", appendonly: "yes" } as const;

type Setting = keyof typeof WANTED;

/**
 * Compares a server's settings with what state needs: it evicts nothing and writes every change to its disk. Null where they are
 * right. `unknown`: it lets nobody see them.
 */
export const wrongSettings = async (
  server: Redis,
): Promise<{ readonly unknown: boolean; readonly says: string } | null> => {
  const at = `${server.stream.remoteAddress}:${server.stream.remotePort}`;
  const found = await Promise.all(
    SETTINGS.map(async (setting) => ({
      setting,
      value: (await fromInfo(server, setting)) ?? (await fromConfig(server, setting)),
    })),
  );
  const hidden = found.filter(({ value }) => value === null).map(({ setting }) => setting);
  const wrong = found.filter(({ setting, value }) => value !== null && value !== WANTED[setting]);
  if (wrong.length > 0) {
    const got = wrong.map(({ setting, value }) => `${setting} ${value}`).join(", ");
    return {
      unknown: false,
      says: `wanted a Redis that evicts nothing and writes every change to its disk, got ${got} at ${at}. Set ${remedy(wrong.map(({ setting }) => setting))}. A cache that may evict belongs into another Redis: ODAN_REDIS_URL.`,
    };
  }
  if (hidden.length === 0) return null;
  return {
    unknown: true,
    says: `wanted to read ${hidden.join(", ")} of ${at}, got no permission. Make sure of ${remedy(hidden)}.`,
  };
};

const SETTINGS = Object.keys(WANTED) as readonly Setting[];

const remedy = (settings: readonly Setting[]): string =>
  `${settings.map((setting) => `"${setting} ${WANTED[setting]}"`).join(" and ")} in its redis.conf`;

/** INFO tells them where CONFIG is forbidden, as most hosts of Redis do. */
const fromInfo = async (server: Redis, setting: Setting): Promise<string | null> => {
  const { section, line, reads } = IN_INFO[setting];
  const info = await server.info(section).catch(forbidden(""));
  const value = info.split(/\r?\n/).find((each) => each.startsWith(line));
  return value === undefined ? null : reads(value.slice(line.length));
};

const IN_INFO = {
  "maxmemory-policy": { section: "memory", line: "maxmemory_policy:", reads: (value: string) => value },
  appendonly: {
    section: "persistence",
    line: "aof_enabled:",
    reads: (value: string) => (value === "1" ? "yes" : "no"),
  },
} as const;

const fromConfig = async (server: Redis, setting: Setting): Promise<string | null> => {
  const reply = await server.config("GET", setting).catch(forbidden([]));
  return Array.isArray(reply) && typeof reply[1] === "string" ? reply[1] : null;
};

/** Takes a value in place of what the server does not tell. A lost connection is no such refusal. */
const forbidden =
  <T>(instead: T) =>
  (error: Error): T => {
    if (error.name === "ReplyError") return instead;
    throw error;
  };
