import type { ChildProcess } from "node:child_process";
import { exitOf, type Ready, startChild, whenReady } from "./child.ts";
import { POPULATIONS } from "./population.ts";
import { readSettings, type Settings, SettingsError } from "./settings.ts";

/** What `npm start` runs: the banks, each in a process of its own, then the gateway in front of them. */
const BANKS = {
  tmm: "sandbox/tmm/main.ts",
  bbj: "sandbox/bbj/main.ts",
  cancer: "sandbox/cancer/main.ts",
  ncbn: "sandbox/ncbn/main.ts",
  rare: "sandbox/rare/main.ts",
} as const;
const GATEWAY = "gateway/main.ts";
const BANKS_ONLY = "--banks-only";

const children = new Set<ChildProcess>();

const start = (file: string, env: { readonly [name: string]: string | undefined }, ...args: readonly string[]) => {
  const child = startChild(file, env, args);
  children.add(child);
  void exitOf(child).then(() => children.delete(child));
  return child;
};

/** Builds what is missing and starts a bank, with a line when it is ready and one more when it had to be built. */
const startBank = async (
  bank: keyof typeof BANKS,
  { folder, size }: Settings,
): Promise<readonly [ChildProcess, Ready]> => {
  const begun = performance.now();
  const child = start(BANKS[bank], { ODAN_DATA: folder, ODAN_SIZE: String(size), PORT: "0" });
  const donors = Math.round(POPULATIONS[bank].donors * size).toLocaleString("en");
  const notice = setTimeout(
    () => console.log(`${bank}: preparing ${donors} donors; the first time they have to be built`),
    1500,
  );
  try {
    const ready = await whenReady(child);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${bank}: ${ready.built ? "built" : "ready"} in ${seconds} s, ${donors} donors at ${ready.at}`);
    return [child, ready];
  } catch (error) {
    throw new SettingsError(`${bank}: ${(error as Error).message}. What it said stands above.`);
  } finally {
    clearTimeout(notice);
  }
};

const run = async (argument: string | undefined): Promise<number> => {
  if (argument !== undefined && argument !== BANKS_ONLY) {
    throw new SettingsError(`start: wanted no argument or ${BANKS_ONLY}, got ${argument}.`);
  }
  const settings = readSettings(process.env);
  const banks = Promise.all([
    startBank("tmm", settings),
    startBank("bbj", settings),
    startBank("cancer", settings),
    startBank("ncbn", settings),
    startBank("rare", settings),
  ]);
  if (argument === BANKS_ONLY) return exitOf((await banks)[0][0]);
  // Settings that the gateway will refuse are told now, not after the banks have been built.
  const check = exitOf(start(GATEWAY, { ODAN_DATA: settings.folder }, "--check"));
  const refused = check.then<number | Awaited<typeof banks>>((code) => (code === 0 ? banks : code));
  const ready = await Promise.race([banks, refused]);
  banks.catch(() => undefined);
  if (typeof ready === "number") return ready;
  const [[tmm, beacon], , [cancer, catalogue], [ncbn, database], [rare, fhir]] = ready;
  // With a server of its own, NCBN's process only loads the data.
  const server = process.env["ODAN_POSTGRES_URL"]?.trim();
  for (const [bank, child] of Object.entries({ tmm, cancer, rare, ...(server ? {} : { ncbn }) })) {
    void exitOf(child).then((code) => {
      if (stopping) return;
      console.error(`${bank}: its server ended with exit code ${code}. The gateway goes on without it.`);
    });
  }
  return exitOf(
    start(GATEWAY, {
      ODAN_DATA: settings.folder,
      ODAN_TMM_URL: beacon.at,
      ODAN_CANCER_URL: catalogue.at,
      ODAN_RARE_URL: fhir.at,
      ODAN_NCBN_URL: server || database.at,
      ODAN_NCBN_CANCEL: server ? "request" : "abandon",
    }),
  );
};

let stopping = false;

/** Asks every process to end, and after five seconds makes it. */
const stop = async (): Promise<void> => {
  stopping = true;
  const grace = setTimeout(() => {
    for (const child of children) child.kill("SIGKILL");
  }, 5000);
  for (const child of children) child.kill("SIGTERM");
  await Promise.all([...children].map(exitOf));
  clearTimeout(grace);
};

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());

try {
  process.exitCode = await run(process.argv[2]);
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  if (!stopping) console.error(error.message);
  process.exitCode = 1;
} finally {
  await stop();
}
