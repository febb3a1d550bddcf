import { readFileSync, statSync } from "node:fs";
import type { Logger } from "pino";
import { isJson, KeyListError, publicKeys } from "../../net/signing/key-list.ts";
import { type PublicKey, publicKey } from "../../net/signing/keys.ts";
import { ConfigError } from "../settings/config.ts";

/** How often the file is looked at, in ms. */
const LOOK_MS = 1000;

/**
 * The gateways' public keys, by ODAN_GATEWAY_KEYS: the keys themselves, or a file with them. A file that changes is read anew
 * within a second, so that keys rotate while the bank serves; one that cannot be read any more changes nothing, and is logged.
 * @throws {ConfigError}
 */
export const trustedKeys = (setting: string, log: Logger): (() => readonly PublicKey[]) => {
  if (isJson(setting) || setting.split(/[\s,]+/).every((word) => publicKey(word) !== null)) {
    const keys = read(() => publicKeys(setting));
    return () => keys;
  }
  let kept = read(() => publicKeys(readFileSync(setting, "utf8")));
  let seen = stampOf(setting);
  let lookedAt = performance.now();
  return () => {
    if (performance.now() - lookedAt < LOOK_MS) return kept;
    lookedAt = performance.now();
    try {
      const stamp = stampOf(setting);
      if (stamp === seen) return kept;
      seen = stamp;
      kept = publicKeys(readFileSync(setting, "utf8"));
      log.info({ keys: kept.map(({ id }) => id) }, "the gateways' keys have changed");
    } catch (err) {
      log.error({ err }, "ODAN_GATEWAY_KEYS cannot be read: the keys stay as they were");
    }
    return kept;
  };
};

const stampOf = (file: string): string => {
  const { mtimeMs, size, ino } = statSync(file);
  return `${mtimeMs} ${size} ${ino}`;
};

const read = (keys: () => readonly PublicKey[]): readonly PublicKey[] => {
  try {
    return keys();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const got = error instanceof KeyListError ? error.message : `wanted public keys or a file with them, got ${code}`;
    throw new ConfigError(`ODAN_GATEWAY_KEYS: ${got}. The gateways' keys are those of { keys } at a gateway.`);
  }
};
