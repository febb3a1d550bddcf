import { onOrders, reportReady } from "../child.ts";
import { records } from "../population.ts";
import { RELEASES, type ReleaseNumber, releaseOf } from "../releases.ts";
import { readSettings } from "../settings.ts";
import { collected } from "../yielding.ts";
import { type FhirDonor, fhirDonor } from "./donors.ts";
import { fhirServer } from "./server.ts";

/** The rare-disease repository's FHIR server, in a process of its own: it keeps nothing on disk and serves on PORT (0: any). */
const { size, port } = readSettings();
const first = releaseOf(process.argv[2]);
const donorsOf = async (release: ReleaseNumber): Promise<readonly FhirDonor[]> =>
  (await collected(records("rare", { size, release }))).map(fhirDonor);
const server = fhirServer(await donorsOf(first), { release: RELEASES[first] });
const url = await server.listen(port ?? 4104);
onOrders(server.faults, async (release) => server.publish(await donorsOf(release), RELEASES[release]));
reportReady({ at: url, built: false });
