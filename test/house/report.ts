/** `node --import tsx test/house/report.ts [ROOM...]`: prints what breaks a house rule in these rooms, or in all, but for exceptions. */
import { isAllowed } from "./lists.ts";
import { allViolations } from "./rules.ts";
import { ROOMS } from "./source.ts";

const rooms = process.argv.slice(2);
const known: readonly string[] = [...ROOMS, "test"];
const unknown = rooms.filter((room) => !known.includes(room));
if (unknown.length > 0) throw new Error(`wanted rooms out of ${known.join(", ")}, got ${unknown.join(", ")}`);
const found = allViolations().filter(
  ({ key }) => !isAllowed(key) && (rooms.length === 0 || rooms.some((room) => key.startsWith(`${room}:`))),
);
for (const { key, detail } of found) console.log(`${key}\n    ${detail}`);
console.log(`${found.length} violations`);
