import { exitOf } from "./child.ts";
import { openProcesses } from "./processes.ts";
import { type RunningBanks, serverIds, startBanks } from "./running-banks.ts";
import { environment as given, readSettings, SANDBOX_ONLY, type Settings, SettingsError } from "./settings.ts";

const BANKS_ONLY = "--banks-only";
const GATEWAY = "gateway/main.ts";
const CHECK_SETTINGS = "gateway/check-settings.ts";

const processes = openProcesses();

/** `npm start`: starts the banks, then the gateway. Returns the gateway's exit code, with `--banks-only` that of TMM's server. */
const run = async (argument: string | undefined): Promise<number> => {
  if (argument !== undefined && argument !== BANKS_ONLY) {
    throw new SettingsError(`start: wanted no argument or ${BANKS_ONLY}, got ${argument}.`);
  }
  const settings = readSettings();
  if (argument === BANKS_ONLY) {
    const { tmm } = await startBanks(processes, settings);
    return exitOf(tmm.child!);
  }
  const environment = {
    ...RATE,
    ...Object.fromEntries(Object.keys(RATE).flatMap((name) => (given[name] ? [[name, given[name]]] : []))),
    ...Object.fromEntries(SANDBOX_ONLY.map((name) => [name, undefined])),
    ODAN_GRAPHIQL: settings.graphiql,
    ODAN_DATA: settings.folder,
  };
  const starting = startBanks(processes, settings);
  starting.catch(() => undefined);
  // The gateway's settings are checked at once: building the banks may take half a minute.
  const refused = await exitOf(processes.start(CHECK_SETTINGS, environment, SANDBOX_ONLY));
  if (refused !== 0) return refused;
  const banks = await starting;
  for (const bank of serverIds(settings)) {
    void exitOf(banks[bank].child!).then((code) => {
      if (processes.isStopping()) return;
      console.error(`${bank}: its server ended with exit code ${code}. The gateway goes on without it.`);
    });
  }
  return exitOf(processes.start(GATEWAY, { ...environment, ...addresses(banks, settings) }));
};

/** A rate that nobody at a keyboard meets: a hundred questions at once, then ten in a second. Settings that are given win. */
const RATE = { ODAN_RATE: "6000", ODAN_RATE_BURST: "1000" };

/** The variables by which the bank.yaml files of the banks find them. */
const addresses = ({ tmm, cancer, ncbn, rare }: RunningBanks, { postgresUrl }: Settings) => ({
  ODAN_TMM_URL: tmm.ready.at,
  ODAN_CANCER_URL: cancer.ready.at,
  ODAN_RARE_URL: rare.ready.at,
  ODAN_NCBN_URL: postgresUrl ?? ncbn.ready.at,
  ODAN_NCBN_CANCEL: postgresUrl === null ? "abandon" : "request",
});

try {
  process.exitCode = await run(process.argv[2]);
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  if (!processes.isStopping()) console.error(error.message);
  process.exitCode = 1;
} finally {
  await processes.stop();
}
