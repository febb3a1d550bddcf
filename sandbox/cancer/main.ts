import { onOrders, reportReady } from "../child.ts";
import { records } from "../population.ts";
import { RELEASES, type ReleaseNumber, releaseOf } from "../releases.ts";
import { readSettings } from "../settings.ts";
import { collected } from "../yielding.ts";
import { cancerDocuments, type Documents } from "./documents.ts";
import type { CatalogueRelease } from "./schema.ts";
import { catalogueServer } from "./server.ts";

/** Arranger's own limit of 15 is for its page; a catalogue that is searched by others lifts it. */
const MAX_ALIASES = 2000;

/** The cancer repository's catalogue, in a process of its own: makes its documents in memory, then serves them on PORT. */
const { size, port } = readSettings();
const first = releaseOf(process.argv[2]);
const documentsOf = async (release: ReleaseNumber): Promise<readonly Documents[]> =>
  cancerDocuments(await collected(records("cancer", { size, release })));
const catalogueRelease = (release: ReleaseNumber): CatalogueRelease => {
  const { number, date } = RELEASES[release];
  return { release: number, date };
};
const server = catalogueServer(await documentsOf(first), { release: catalogueRelease(first), maxAliases: MAX_ALIASES });
const url = await server.listen(port ?? 4103);
onOrders(server.faults, async (release) => server.publish(await documentsOf(release), catalogueRelease(release)));
reportReady({ at: url, built: false });
