import { join } from "node:path";
import { buildOnce } from "../build-once.ts";
import { exitOf, onOrders, reportReady, startChild } from "../child.ts";
import { records, stampOf } from "../population.ts";
import { RELEASES, type ReleaseNumber, releaseOf } from "../releases.ts";
import { readSettings } from "../settings.ts";
import { yielding } from "../yielding.ts";
import { beaconColumns } from "./columns.ts";
import { beaconServer } from "./server.ts";
import { FORMAT, loadBeacon, saveBeacon } from "./store.ts";

const BUILD_ONLY = "--build-only";
const { folder, size, port } = readSettings();
const first = releaseOf(process.argv[2]);

const folderOf = (release: ReleaseNumber): string => join(folder, release === 1 ? "tmm" : `tmm.release-${release}`);
const build = (release: ReleaseNumber): Promise<boolean> =>
  buildOnce(folderOf(release), stampOf(FORMAT, size, release), async (work) => {
    const columns = beaconColumns();
    for await (const donor of yielding(records("tmm", { size, release }))) columns.add(donor);
    await saveBeacon(work, columns.done());
  });

/** Builds in a process of its own, so that this one goes on answering. */
const buildElsewhere = async (release: ReleaseNumber): Promise<void> => {
  const code = await exitOf(startChild("sandbox/tmm/main.ts", {}, [String(release), BUILD_ONLY]));
  if (code !== 0) throw new Error(`building release ${release} ended with exit code ${code}`);
};

/** TMM's Beacon, in a process of its own: builds a release where it is missing, then serves it on PORT (0: any). */
const serve = async (): Promise<void> => {
  const built = await build(first);
  const server = beaconServer(await loadBeacon(folderOf(first)), { release: RELEASES[first] });
  const url = await server.listen(port ?? 4101);
  onOrders(server.faults, async (release) => {
    await buildElsewhere(release);
    server.publish(await loadBeacon(folderOf(release)), RELEASES[release]);
  });
  reportReady({ at: url, built });
};

if (process.argv.includes(BUILD_ONLY)) await build(first);
else await serve();
