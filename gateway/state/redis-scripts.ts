/** The commands in use. All keys of one call are in one slot. */
export type Commands = {
  /** Turn and number of lines. `beat` "1": notes that this process has heard of everything up to `heard`. */
  odanStateLook(
    ...args: [lines: string, turn: string, gateways: string, id: string, heard: string, beat: "0" | "1"]
  ): Promise<[turn: string | null, length: number]>;
  /** Fields and lines, which take turns. */
  odanStateRead(lines: string): Promise<readonly string[]>;
  /** The count of this change; 0 where the line was not `was`. Empty lines stand for none. */
  odanStateSwap(
    ...args: [lines: string, turn: string, field: string, was: string, line: string, nonce: string]
  ): Promise<number>;
  /** How many gateways that are up have yet to hear of the change of this count; those of `id` are left out. */
  odanStateBehind(gateways: string, id: string, count: number, upMs: number): Promise<number>;
  hget(lines: string, field: string): Promise<string | null>;
  hdel(gateways: string, id: string): Promise<number>;
};

/** Milliseconds by the clock of Redis: only its differences count. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS: lines, turn, gateways. ARGV: id, heard, beat. */
const LOOK = `${NOW}
if ARGV[3] == '1' then
  local noted = redis.pcall('HSET', KEYS[3], ARGV[1], string.format('%.0f %s', now, ARGV[2]))
  -- A full server still tells what it has; a replica may not have the newest.
  if type(noted) == 'table' and noted.err and string.find(noted.err, 'READONLY') then return noted end
end
return {redis.call('GET', KEYS[2]), redis.call('HLEN', KEYS[1])}
`;

/** KEYS: lines. */
const READ = `return redis.call('HGETALL', KEYS[1])`;

/** KEYS: lines, turn. ARGV: field, was, line, nonce. A turn is the count of changes and what makes it another one after a rollback. */
const SWAP = `
local was = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if was ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
local count = tonumber(string.match(redis.call('GET', KEYS[2]) or '0', '^%d+')) + 1
redis.call('SET', KEYS[2], string.format('%.0f.%s', count, ARGV[4]))
return count
`;

/** KEYS: gateways. ARGV: id, count, milliseconds after which a gateway that was not heard of is down. */
const BEHIND = `${NOW}
local behind = 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local at, count = string.match(all[i + 1], '^(%d+) (%d*)')
  if now - tonumber(at) > tonumber(ARGV[3]) then redis.call('HDEL', KEYS[1], all[i])
  elseif all[i] ~= ARGV[1] and (tonumber(count) or 0) < tonumber(ARGV[2]) then behind = behind + 1 end
end
return behind
`;

/** Atomic operations, as Redis runs them (Lua 5.1). */
export const SCRIPTS = {
  odanStateLook: { lua: LOOK, numberOfKeys: 3 },
  odanStateRead: { lua: READ, numberOfKeys: 1 },
  odanStateSwap: { lua: SWAP, numberOfKeys: 2 },
  odanStateBehind: { lua: BEHIND, numberOfKeys: 1 },
};
