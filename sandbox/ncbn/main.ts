import { join } from "node:path";
import { onOrders, reportReady } from "../child.ts";
import { releaseOf } from "../releases.ts";
import { readSettings, SettingsError } from "../settings.ts";
import { loadNcbn, serveNcbn } from "./database.ts";
import { publishNcbn } from "./publish.ts";

/**
 * NCBN's OMOP CDM, in a process of its own: PGlite on PORT (0: any), or, with ODAN_POSTGRES_URL, that server, which this
 * process only fills. The address that it reports never has the server's password.
 */
const run = async (): Promise<void> => {
  const { folder, size, postgresUrl, port } = readSettings();
  const first = releaseOf(process.argv[2]);
  if (postgresUrl !== null) {
    const built = await loadNcbn(postgresUrl, size);
    await publishNcbn(postgresUrl, size, first);
    const at = new URL(postgresUrl);
    at.password = "";
    return reportReady({ at: at.href, built });
  }
  const database = await serveNcbn(join(folder, "ncbn"), size, port ?? 4105);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void stop(database));
  }
  await publishNcbn(database.url, size, first);
  onOrders(null, (release) => publishNcbn(database.url, size, release));
  reportReady({ at: database.url, built: database.built });
};

/** Ends the process when the folder is written and free. */
const stop = async (database: AsyncDisposable): Promise<void> => {
  await database[Symbol.asyncDispose]();
  process.exit(0);
};

try {
  await run();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
