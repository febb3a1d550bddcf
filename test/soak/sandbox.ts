import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { exitOf, giveOrder, type Order, startChild, whenReady } from "../../sandbox/child.ts";
import { order } from "../../sandbox/control.ts";
import type { BankId } from "../../sandbox/donor.ts";
import { operatorToken, tokenFile } from "../../sandbox/operator.ts";
import type { ReleaseNumber } from "../../sandbox/releases.ts";
import { ANNOUNCED } from "./chaos.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What `npm start` runs, in a folder of its own. */
export type Sandbox = AsyncDisposable & {
  readonly url: string;
  /** The token of the operator of a bank that announces its releases. */
  readonly tokenOf: (bank: BankId) => Promise<string>;
  readonly gateway: number;
  /** What the gateway's probe writes. */
  readonly probeFile: string;
  /** Lines of stdout and stderr as they come. */
  readonly lines: readonly string[];
  /** Ends every process. @returns the exit code, which is the gateway's */
  readonly end: () => Promise<number>;
  readonly order: (bank: BankId, given: Order) => Promise<void>;
  /** Stops a bank's process, and lets it go on. */
  readonly freeze: (bank: BankId) => () => void;
  /** Ends a bank's process outright. @returns starts another one on the same port */
  readonly kill: (bank: BankId, release: ReleaseNumber) => Promise<() => Promise<void>>;
};

export type SandboxOptions = { readonly size: number; readonly leaseMs: number; readonly cacheMb: number };

/** Starts it and waits until the gateway answers. Disposing ends every process and removes the folder. */
export const startSandbox = async ({ size, leaseMs, cacheMb }: SandboxOptions): Promise<Sandbox> => {
  const folder = await mkdtemp(path.join(tmpdir(), "odan-soak-"));
  const probeFile = path.join(folder, "probe.json");
  const settings = { ODAN_DATA: folder, ODAN_SIZE: String(size), ODAN_POSTGRES_URL: "" };
  // Issued before the gateway starts, which takes up to two seconds to hear of a new token.
  for (const bank of ANNOUNCED) await operatorToken(folder, bank);
  const preload = [import.meta.resolve("tsx"), pathToFileURL(path.join(ROOT, "sandbox/exit-with-parent.ts")).href];
  const args = [...preload.flatMap((one) => ["--import", one]), "sandbox/start.ts"];
  const started = spawn(process.execPath, args, {
    cwd: ROOT,
    env: {
      ...process.env,
      ...settings,
      ODAN_LEASE_MS: String(leaseMs),
      ODAN_CACHE_MB: String(cacheMb),
      PORT: "0",
      LOG_LEVEL: "warn",
      ODAN_RATE: "off",
      NODE_ENV: "test",
      NODE_OPTIONS: `--import=${new URL("./probe.mjs", import.meta.url).href}`,
      SOAK_PROBE: probeFile,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const again = new Map<BankId, ChildProcess>();
  let ending: Promise<number> | undefined;
  const stop = async (): Promise<number> => {
    const pids = processesBelow(started.pid ?? 0);
    for (const pid of pids) signal(pid, "SIGCONT");
    started.kill("SIGTERM");
    for (const child of again.values()) child.kill("SIGKILL");
    const grace = setTimeout(() => started.kill("SIGKILL"), 20_000);
    const [code] = await Promise.all([exitOf(started), ...[...again.values()].map(exitOf)]);
    clearTimeout(grace);
    for (const pid of pids) signal(pid, "SIGKILL");
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  const end = (): Promise<number> => (ending ??= stop());
  try {
    const lines: string[] = [];
    createInterface({ input: started.stderr! }).on("line", (line) => lines.push(line));
    const out = createInterface({ input: started.stdout! }).on("line", (line) => lines.push(line));
    const url = await Promise.race([urlFrom(out), once(started, "exit").then(() => null)]);
    if (url === null) throw new Error(`wanted the sandbox to start, got:\n${lines.join("\n")}`);
    const pidOf = (program: string): number => {
      const found = processesBelow(started.pid!).find((pid) => commandOf(pid).includes(program));
      if (found === undefined) throw new Error(`wanted a process of ${program}, got none`);
      return found;
    };
    const bankPid = (bank: BankId): number => again.get(bank)?.pid ?? pidOf(`sandbox/${bank}/main.ts`);
    const portOf = (bank: BankId): string => {
      const line = lines.find((each) => each.startsWith(`${bank}: `) && each.includes(" at http"));
      return new URL(line!.slice(line!.indexOf("http"))).port;
    };
    const restarted = async (bank: BankId, release: ReleaseNumber): Promise<void> => {
      const child = startChild(`sandbox/${bank}/main.ts`, { ...settings, PORT: portOf(bank) }, [String(release)]);
      again.set(bank, child);
      await whenReady(child);
    };
    return {
      url,
      tokenOf: async (bank) => (await readFile(tokenFile(folder, bank), "utf8")).trim(),
      gateway: pidOf("gateway/main.ts"),
      probeFile,
      lines,
      end,
      order: async (bank, given) => {
        const child = again.get(bank);
        if (child === undefined) await order(folder, bank, given);
        else await giveOrder(child, given);
      },
      freeze: (bank) => {
        const pid = bankPid(bank);
        signal(pid, "SIGSTOP");
        return () => signal(pid, "SIGCONT");
      },
      kill: async (bank, release) => {
        const pid = bankPid(bank);
        signal(pid, "SIGKILL");
        while (commandOf(pid) !== "") await sleep(20);
        return () => restarted(bank, release);
      },
      async [Symbol.asyncDispose]() {
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
};

const urlFrom = async (lines: AsyncIterable<string>): Promise<string | null> => {
  for await (const line of lines) {
    const [, url] = /^Odan answers at (http:\S+)\/graphql$/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  return null;
};

/** Every process that a process has started, and those that these have. */
const processesBelow = (pid: number): readonly number[] => {
  const below = textOf(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
  return below.flatMap((child) => [child, ...processesBelow(child)]);
};
/** Empty where the process does not exist, or is a zombie. */
const commandOf = (pid: number): string => textOf(`/proc/${pid}/cmdline`);
const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};
const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};
