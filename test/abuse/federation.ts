import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { exitOf, startChild, whenReady } from "../../sandbox/child.ts";
import type { Probed } from "./probe.ts";

/** Product processes, asked together. */
export type House = AsyncDisposable & {
  readonly url: string;
  readonly subgraphUrl: string;
  /** CPU of all of them since the start, in ms; the delays are those of the gateway since the last call. */
  readonly probe: () => Promise<Probed>;
};

/** The sandbox's banks, each in a process of its own; they stand for the world outside. */
export type Banks = AsyncDisposable & { readonly env: Environment };

type Environment = { readonly [name: string]: string | undefined };

const FOLDER = path.resolve(".odan/abuse");
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const bankFile = (bank: string): string => path.join(ROOT, `subgraphs/banks/${bank}/bank.yaml`);

/** Starts the banks of the sandbox; the first time at a size they are built. */
export const startBanks = async (size: number): Promise<Banks> => {
  const data = path.join(FOLDER, String(size));
  const env = { ODAN_DATA: data, ODAN_SIZE: String(size), PORT: "0", ODAN_POSTGRES_URL: "" };
  const names = ["tmm", "bbj", "ncbn", "cancer", "rare"] as const;
  const children = names.map((bank) => startChild(`sandbox/${bank}/main.ts`, env));
  const stop = async (): Promise<void> => {
    for (const child of children) child.kill("SIGTERM");
    await Promise.all(children.map(exitOf));
  };
  try {
    const [tmm, , ncbn, cancer, rare] = await Promise.all(children.map(whenReady));
    return {
      env: {
        ODAN_DATA: data,
        ODAN_TMM_URL: tmm!.at,
        ODAN_NCBN_URL: ncbn!.at,
        ODAN_CANCER_URL: cancer!.at,
        ODAN_RARE_URL: rare!.at,
      },
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Starts a subgraph process of BBJ and a gateway that hosts the other banks, as the built product runs them. */
export const startHouse = async (banks: Banks, env: Environment): Promise<House> => {
  const children: ChildProcess[] = [];
  const start = async (program: string, args: readonly string[], more: Environment): Promise<string> => {
    const child = spawn(
      process.execPath,
      [
        ...["--import", new URL("../../sandbox/exit-with-parent.js", import.meta.url).href],
        ...["--import", new URL("./probe.js", import.meta.url).href],
        path.join(ROOT, program),
        ...args,
      ],
      {
        env: { PATH: process.env["PATH"], ...banks.env, PORT: "0", LOG_LEVEL: "error", ...env, ...more },
        stdio: ["ignore", "pipe", "inherit", "ipc"],
      },
    );
    children.push(child);
    const lines = createInterface({ input: child.stdout! });
    const ended = once(child, "exit").then(() => {
      throw new Error(`${program}: wanted it to serve, it ended`);
    });
    ended.catch(() => undefined);
    const address = new Promise<string>((resolve) => {
      lines.on("line", (line) => {
        const [, url] = / at (http:\/\/[^/\s]+)/.exec(line) ?? [];
        if (url !== undefined) resolve(url);
      });
    });
    return Promise.race([address, ended]);
  };
  const stop = async (): Promise<void> => {
    for (const child of children) child.kill("SIGTERM");
    await Promise.all(children.map(exitOf));
  };
  try {
    const subgraphUrl = await start("gateway/cli.js", ["subgraph", bankFile("bbj")], {});
    const hosted = ["tmm", "ncbn", "cancer", "rare"].map(bankFile);
    const url = await start("gateway/main.js", [], { ODAN_BANKS: [subgraphUrl, ...hosted].join(",") });
    const probe = async (): Promise<Probed> => {
      const all = await Promise.all(
        children.map(async (child) => {
          child.send("probe");
          const [probed] = (await once(child, "message")) as [Probed];
          return probed;
        }),
      );
      const { p999, max } = all.at(-1)!;
      return { cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0), p999, max };
    };
    return { url, subgraphUrl, probe, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
