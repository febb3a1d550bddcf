import { tellReady } from "../child.ts";
import { population, recorded } from "../population.ts";
import { readSettings } from "../settings.ts";
import { cancerDocuments } from "./documents.ts";
import { catalogueServer } from "./server.ts";

const RELEASE = { release: "2026.1", date: "2026-04-01" };
/** Arranger's own limit of 15 is for its page; a catalogue that is searched by others lifts it. */
const MAX_ALIASES = 2000;

/** The cancer repository's catalogue, in a process of its own: makes its documents in memory, then serves them on PORT. */
const { size } = readSettings(process.env);
const donors = Array.from(population("cancer", { size }), (donor) => recorded("cancer", donor));
const server = catalogueServer(cancerDocuments(donors), { release: RELEASE, maxAliases: MAX_ALIASES });
const url = await server.listen(Number(process.env["PORT"] ?? 4103));
tellReady({ at: url, built: false });
