import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { isBbjThere } from "./bbj/files.ts";
import { exitOf, giveOrder, type Order, type Ready, startChild, whenReady } from "./child.ts";
import { openControl } from "./control.ts";
import type { BankId } from "./donor.ts";
import { operatorToken } from "./operator.ts";
import { whenParentEnds } from "./parent.ts";
import { donorsIn } from "./population.ts";
import { keepPublished, readPublished } from "./published.ts";
import type { ReleaseNumber } from "./releases.ts";
import { readSettings, SANDBOX_ONLY, type Settings, SettingsError } from "./settings.ts";

/** What `npm start` runs: the banks, each in a process of its own, then the gateway in front of them. */
const BANKS = {
  tmm: "sandbox/tmm/main.ts",
  bbj: "sandbox/bbj/main.ts",
  cancer: "sandbox/cancer/main.ts",
  ncbn: "sandbox/ncbn/main.ts",
  rare: "sandbox/rare/main.ts",
} as const;
const BANK_IDS = Object.keys(BANKS) as BankId[];
const GATEWAY = "gateway/main.ts";
const CHECK_SETTINGS = "gateway/check-settings.ts";
const BANKS_ONLY = "--banks-only";

const children = new Set<ChildProcess>();
let stopping = false;

/** @throws {SettingsError} once this process is stopping */
const start = (...what: Parameters<typeof startChild>): ChildProcess => {
  if (stopping) throw new SettingsError("start: it is stopping.");
  const child = startChild(...what);
  children.add(child);
  void exitOf(child).then(() => children.delete(child));
  return child;
};

/** A bank that can be asked; `child` is null where no process had to be started. */
type Running = { readonly child: ChildProcess | null; readonly ready: Ready };

/** Starts a bank's process, which builds what is missing; none for files that are there already. */
const runBank = async (bank: BankId, { folder, size }: Settings, release: ReleaseNumber): Promise<Running> => {
  const files = join(folder, "bbj");
  if (bank === "bbj" && (await isBbjThere(files, size, release))) {
    return { child: null, ready: { at: files, built: false } };
  }
  const child = start(BANKS[bank], { ODAN_DATA: folder, ODAN_SIZE: String(size), PORT: "0" }, [String(release)]);
  return { child, ready: await whenReady(child) };
};

/** Starts a bank, with a line when it is ready and one more when that takes long. */
const startBank = async (bank: BankId, settings: Settings, release: ReleaseNumber = 1): Promise<Running> => {
  const begun = performance.now();
  const donors = donorsIn(bank, settings.size, release).toLocaleString("en");
  const notice = setTimeout(
    () => console.log(`${bank}: preparing ${donors} donors; the first time they have to be built`),
    1500,
  );
  try {
    const running = await runBank(bank, settings, release);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const { at, built } = running.ready;
    console.log(`${bank}: ${built ? "built" : "ready"} in ${seconds} s, ${donors} donors at ${at}`);
    return running;
  } catch (error) {
    throw new SettingsError(`${bank}: ${(error as Error).message}. What it said stands above.`);
  } finally {
    clearTimeout(notice);
  }
};

/** With a server of its own, NCBN's process only loads the data; BBJ's always only writes files. */
const server = process.env["ODAN_POSTGRES_URL"]?.trim();
const serves = (bank: BankId): boolean => bank !== "bbj" && !(bank === "ncbn" && server);

type Banks = { readonly [Bank in BankId]: Running };

/** Does what `npm run sandbox:release` and `sandbox:fault` ask for. */
const obeying = (banks: Banks, settings: Settings) => async (bank: BankId, order: Order) => {
  const { child } = banks[bank];
  if (serves(bank)) {
    if (child === null || !children.has(child)) throw new Error("its server has ended");
    await giveOrder(child, order);
  } else if ("release" in order) await runBank(bank, settings, order.release);
  else throw new Error("this bank has no switches for faults");
  if (!("release" in order)) return;
  await keepPublished(settings.folder, { ...(await readPublished(settings.folder)), [bank]: order.release });
  console.log(`${bank}: published release ${order.release}`);
};

const startBanks = async (settings: Settings): Promise<Banks> => {
  const published = await readPublished(settings.folder);
  const all = BANK_IDS.map(async (bank) => [bank, await startBank(bank, settings, published[bank])] as const);
  const banks = Object.fromEntries(await Promise.all(all)) as Banks;
  const control = await openControl(settings, obeying(banks, settings));
  closing.push(async () => control[Symbol.asyncDispose]());
  console.log("Publish another release of a bank: npm run sandbox:release -- <bank> [1|2]");
  return banks;
};

const run = async (argument: string | undefined): Promise<number> => {
  if (argument !== undefined && argument !== BANKS_ONLY) {
    throw new SettingsError(`start: wanted no argument or ${BANKS_ONLY}, got ${argument}.`);
  }
  const settings = readSettings(process.env);
  if (argument === BANKS_ONLY) {
    const { tmm } = await startBanks(settings);
    return exitOf(tmm.child!);
  }
  const token = process.env["ODAN_OPERATOR_TOKEN_FILE"]?.trim() || (await operatorToken(settings.folder));
  const environment = { ...SANDBOX_ONLY, ODAN_DATA: settings.folder, ODAN_OPERATOR_TOKEN_FILE: token };
  // Settings that the gateway refuses are reported now, not after the banks have been built.
  const starting = startBanks(settings);
  starting.catch(() => undefined);
  const refused = await exitOf(start(CHECK_SETTINGS, environment));
  if (refused !== 0) return refused;
  const banks = await starting;
  for (const bank of BANK_IDS.filter(serves)) {
    void exitOf(banks[bank].child!).then((code) => {
      if (stopping) return;
      console.error(`${bank}: its server ended with exit code ${code}. The gateway goes on without it.`);
    });
  }
  const urls = {
    ODAN_TMM_URL: banks.tmm.ready.at,
    ODAN_CANCER_URL: banks.cancer.ready.at,
    ODAN_RARE_URL: banks.rare.ready.at,
    ODAN_NCBN_URL: server || banks.ncbn.ready.at,
    ODAN_NCBN_CANCEL: server ? "request" : "abandon",
  };
  return exitOf(start(GATEWAY, { ...environment, ...urls }));
};

const closing: (() => Promise<void>)[] = [];

/** Longer than the gateway lets running questions take to end. */
const GRACE_MS = 25_000;

/** Asks every process to end, and after that makes it. */
const stop = async (): Promise<void> => {
  stopping = true;
  const grace = setTimeout(() => {
    for (const child of children) child.kill("SIGKILL");
  }, GRACE_MS);
  for (const child of children) child.kill("SIGTERM");
  await Promise.all([...closing.map((close) => close()), ...[...children].map(exitOf)]);
  clearTimeout(grace);
};

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
whenParentEnds(() => void stop());

try {
  process.exitCode = await run(process.argv[2]);
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  if (!stopping) console.error(error.message);
  process.exitCode = 1;
} finally {
  await stop();
}
