import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A program of the repository that can be mistreated. It ends with this process, however that one ends. */
export type RealProcess = AsyncDisposable & {
  readonly name: string;
  /** Where it answers, with a slash at the end. It changes with every life. */
  readonly url: () => string;
  /** How often it has started. */
  readonly life: () => number;
  /** The lines of its log, of all its lives. */
  readonly log: readonly LogLine[];
  /** SIGKILL. */
  readonly kill: () => Promise<void>;
  /** Resolves when it answers. */
  readonly start: () => Promise<void>;
  /** SIGSTOP: freezes it with all its connections until SIGCONT. */
  readonly freeze: () => void;
  readonly thaw: () => void;
};

/** `at`: performance.now() of this process when the line came. */
export type LogLine = {
  readonly at: number;
  readonly life: number;
  readonly msg: string;
  readonly [key: string]: unknown;
};

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Whatever ends this process also closes that pipe, and the program goes with it, even one that stands still. */
const LEASH = '"$0" "$@" & program=$!; echo $program; cat >/dev/null; kill -KILL $program; wait $program';

/** @param args of node; standard output has to say `answers at URL` */
export const realProcess = async (
  name: string,
  args: readonly string[],
  env: { readonly [name: string]: string },
): Promise<RealProcess> => {
  const log: LogLine[] = [];
  let life = 0;
  let running: { readonly shell: ChildProcess; readonly pid: number; readonly url: string } | null = null;

  const start = async (): Promise<void> => {
    life += 1;
    const mine = life;
    const shell = spawn("/bin/sh", ["-c", LEASH, process.execPath, "--import", "tsx", ...args], {
      cwd: ROOT,
      env: { PATH: process.env["PATH"], PORT: "0", ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const ended = once(shell, "exit");
    createInterface({ input: shell.stderr }).on("line", (line) => log.push(lineOf(line, mine)));
    const said: string[] = [];
    const url = await Promise.race([
      (async () => {
        for await (const line of createInterface({ input: shell.stdout })) {
          said.push(line);
          const url = / answers at (http:\S+)$/.exec(line)?.[1];
          if (url !== undefined) return url;
        }
        return null;
      })(),
      ended.then(() => null),
    ]);
    if (url === null) throw new Error(`${name}: wanted it to start, got ${JSON.stringify(log.slice(-3))}`);
    shell.stdout.resume();
    running = { shell, pid: Number(said[0]), url: new URL("/", url).href };
  };
  const kill = async (): Promise<void> => {
    if (running === null) return;
    const { shell } = running;
    running = null;
    const ended = once(shell, "exit");
    shell.stdin!.end();
    await ended;
  };
  const signal = (which: "SIGSTOP" | "SIGCONT"): void => {
    if (running !== null) process.kill(running.pid, which);
  };
  await start();
  return {
    name,
    url: () => running?.url ?? "http://127.0.0.1:1/",
    life: () => life,
    log,
    kill,
    start,
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    [Symbol.asyncDispose]: kill,
  };
};

const lineOf = (line: string, life: number): LogLine => {
  const at = performance.now();
  try {
    return { ...(JSON.parse(line) as { msg: string }), at, life };
  } catch {
    return { at, life, msg: line };
  }
};
