import { join } from "node:path";
import { buildOnce } from "../build-once.ts";
import { tellReady } from "../child.ts";
import type { RecordedDonor } from "../donor.ts";
import { GENERATOR, population, recorded, SEED } from "../population.ts";
import { readSettings } from "../settings.ts";
import { beaconData } from "./columns.ts";
import { beaconServer } from "./server.ts";
import { FORMAT, loadBeacon, saveBeacon } from "./store.ts";

const RELEASE = { number: "2026.1", date: "2026-04-01" };

function* donorsOf(size: number): Generator<RecordedDonor> {
  for (const donor of population("tmm", { size })) yield recorded("tmm", donor);
}

/** TMM's Beacon, in a process of its own: builds its data where they are missing, then serves them on PORT (0: any). */
const { folder, size } = readSettings(process.env);
const at = join(folder, "tmm");
const stamp = { generator: GENERATOR, format: FORMAT, seed: SEED, size };
const built = await buildOnce(at, stamp, (work) => saveBeacon(work, beaconData(donorsOf(size))));
const server = beaconServer(await loadBeacon(at), { release: RELEASE });
const url = await server.listen(Number(process.env["PORT"] ?? 4101));
tellReady({ at: url, built });
