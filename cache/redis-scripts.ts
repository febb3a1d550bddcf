/** The commands in use. All keys of one call are in one slot. */
export type Commands = {
  /** [value], or [null, milliseconds for which another token holds the lock]; 0: this token holds it. */
  odanReadOrLockBuffer(entry: string, lock: string, token: string, lockMs: number): Promise<[Buffer] | [null, number]>;
  /** 1: stored. 0: conflict with a stored body. */
  odanCommit(
    ...args: [entry: string, lock: string, conflicts: string, token: string, value: Buffer, ms: number, digest: number]
  ): Promise<0 | 1>;
  odanUnlock(lock: string, token: string): Promise<number>;
  getBuffer(key: string): Promise<Buffer | null>;
  unlink(key: string): Promise<number>;
};

/** KEYS: entry, lock. ARGV: token, lifetime of the lock. -> {value} | {false, 0: locked, else time left of another token's lock} */
const READ_OR_LOCK = `
local value = redis.call('GET', KEYS[1])
if value then return {value} end
local token = redis.call('GET', KEYS[2])
if token and token ~= ARGV[1] then
  local left = redis.call('PTTL', KEYS[2])
  -- Only a lock with an expiry, and none longer than ours, counts.
  if left > 0 and left <= tonumber(ARGV[2]) then return {false, left} end
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {false, 0}
`;

/**
 * KEYS: entry, lock, conflicts. ARGV: token, value, its lifetime, bytes of the digest that it begins with.
 * -> 1: stored, 0: conflict with a stored body
 */
const COMMIT = `
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
local stored = redis.call('GET', KEYS[1])
local digest = tonumber(ARGV[4])
if stored and string.sub(stored, 1, digest) ~= string.sub(ARGV[2], 1, digest) then
  redis.call('INCR', KEYS[3])
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`;

/** KEYS: lock. ARGV: token. -> 1: released, 0: another token holds it */
const UNLOCK = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

/** Atomic operations, as Redis runs them (Lua 5.1). Times are milliseconds. All keys of a call are in one slot. */
export const SCRIPTS = {
  odanReadOrLock: { lua: READ_OR_LOCK, numberOfKeys: 2 },
  odanCommit: { lua: COMMIT, numberOfKeys: 3 },
  odanUnlock: { lua: UNLOCK, numberOfKeys: 1 },
};
