import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { isBbjThere } from "./bbj/files.ts";
import { giveOrder, type Order, type Ready, whenReady } from "./child.ts";
import { openControl } from "./control.ts";
import type { BankId } from "./donor.ts";
import { donorsIn } from "./population.ts";
import type { Processes } from "./processes.ts";
import { keepPublished, readPublished } from "./published.ts";
import type { ReleaseNumber } from "./releases.ts";
import { type Settings, SettingsError } from "./settings.ts";

const BANK_IDS = ["tmm", "bbj", "cancer", "ncbn", "rare"] as const satisfies readonly BankId[];

/** A bank that is ready. `child` is its server; null where no process had to be started. */
export type RunningBank = { readonly child: ChildProcess | null; readonly ready: Ready };
export type RunningBanks = { readonly [Bank in BankId]: RunningBank };

/** BBJ's process only writes files, and with a PostgreSQL server NCBN's process only loads data into it: both then end. */
export const serverIds = ({ postgresUrl }: Settings): readonly BankId[] =>
  BANK_IDS.filter((bank) => bank !== "bbj" && !(bank === "ncbn" && postgresUrl !== null));

/**
 * Starts the five banks, each in a process of its own and in the release that it published last, and takes orders for them.
 * Prints a line for each bank that is ready. @throws {SettingsError} one line where a bank does not become ready
 */
export const startBanks = async (processes: Processes, settings: Settings): Promise<RunningBanks> => {
  const published = await readPublished(settings.folder);
  const started = BANK_IDS.map(async (bank) => {
    return [bank, await startBank(processes, settings, bank, published[bank] ?? 1)] as const;
  });
  const banks = Object.fromEntries(await Promise.all(started)) as RunningBanks;
  const control = await openControl(settings, obeying(processes, settings, banks));
  processes.onStop(async () => control[Symbol.asyncDispose]());
  console.log("Publish another release of a bank: npm run sandbox:release -- <bank> [1|2]");
  return banks;
};

/** Starts a bank and prints how long that took; after 1.5 s it prints that the bank is still being prepared. */
const startBank = async (
  processes: Processes,
  settings: Settings,
  bank: BankId,
  release: ReleaseNumber,
): Promise<RunningBank> => {
  const begun = performance.now();
  const donors = donorsIn(bank, settings.size, release).toLocaleString("en");
  const notice = setTimeout(
    () => console.log(`${bank}: preparing ${donors} donors; the first time they have to be built`),
    1500,
  );
  try {
    const running = await runBank(processes, settings, bank, release);
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

/** Starts a bank's process, which builds what is missing; no process where all that it would do is done. */
const runBank = async (
  processes: Processes,
  { folder, size }: Settings,
  bank: BankId,
  release: ReleaseNumber,
): Promise<RunningBank> => {
  const files = join(folder, "bbj");
  if (bank === "bbj" && (await isBbjThere(files, size, release))) {
    return { child: null, ready: { at: files, built: false } };
  }
  const env = { ODAN_DATA: folder, ODAN_SIZE: String(size), PORT: "0" };
  const child = processes.start(`sandbox/${bank}/main.ts`, env, [String(release)]);
  return { child, ready: await whenReady(child) };
};

/** Carries out the orders of `npm run sandbox:release` and `npm run sandbox:fault`. */
const obeying =
  (processes: Processes, settings: Settings, banks: RunningBanks) =>
  async (bank: BankId, order: Order): Promise<void> => {
    const { child } = banks[bank];
    if (serverIds(settings).includes(bank)) {
      if (child === null || !processes.isRunning(child)) throw new Error("its server has ended");
      await giveOrder(child, order);
    } else if ("release" in order) await runBank(processes, settings, bank, order.release);
    else throw new Error("this bank has no switches for faults");
    if (!("release" in order)) return;
    await keepPublished(settings.folder, { ...(await readPublished(settings.folder)), [bank]: order.release });
    console.log(`${bank}: published release ${order.release}`);
  };
