import { tellReady } from "../child.ts";
import { population, recorded } from "../population.ts";
import { readSettings } from "../settings.ts";
import { fhirDonor } from "./donors.ts";
import { fhirServer } from "./server.ts";

const RELEASE = { number: "2026.1", date: "2026-04-01" };

/** The rare-disease repository's FHIR server, in a process of its own: it keeps nothing on disk and serves on PORT (0: any). */
const { size } = readSettings(process.env);
const donors = Array.from(population("rare", { size }), (donor) => fhirDonor(recorded("rare", donor)));
const server = fhirServer(donors, { release: RELEASE });
const url = await server.listen(Number(process.env["PORT"] ?? 4104));
tellReady({ at: url, built: false });
