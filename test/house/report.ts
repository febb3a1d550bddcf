/** `node --import tsx test/house/report.ts [ROOM...]`: prints what breaks a house rule in these rooms, or in all. */
import { violationsOf } from "./rules.ts";
import { ROOMS, readSources } from "./source.ts";

const rooms = process.argv.slice(2);
const unknown = rooms.filter((room) => !(ROOMS as readonly string[]).includes(room));
if (unknown.length > 0) throw new Error(`wanted rooms out of ${ROOMS.join(", ")}, got ${unknown.join(", ")}`);
const found = violationsOf(readSources(ROOMS)).filter(
  ({ key }) => rooms.length === 0 || rooms.some((room) => key.startsWith(`${room}:`)),
);
for (const { key, detail } of found) console.log(`${key}\n    ${detail}`);
console.log(`${found.length} violations`);
