/**
 * What has to happen at one moment, as Redis runs it (Lua 5.1). Times are milliseconds. All keys of a call are in one slot.
 */

/** KEYS: entry, token. ARGV: who asks, how long to hold on. -> {value} | {false, 0: yours, else how long it is another's} */
export const BEGIN = `
local value = redis.call('GET', KEYS[1])
if value then return {value} end
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then
  local left = redis.call('PTTL', KEYS[2])
  -- Nobody who keeps to the rules holds on for ever.
  if left > 0 and left <= tonumber(ARGV[2]) then return {false, left} end
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {false, 0}
`;

/**
 * KEYS: entry, token, conflicts. ARGV: who commits, value, how long to keep it, bytes before its body.
 * -> 1: stored, 0: another body is there
 */
export const COMMIT = `
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
local held = redis.call('GET', KEYS[1])
local body = tonumber(ARGV[4]) + 1
if held and string.sub(held, body) ~= string.sub(ARGV[2], body) then
  redis.call('INCR', KEYS[3])
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`;

/** KEYS: token. ARGV: who lets go. -> 1 where it was his */
export const LET_GO = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;
