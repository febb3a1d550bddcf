import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

type Environment = { readonly [name: string]: string | undefined };

/** What a bank's process tells once its bank can be asked: where, and whether it had to build first. */
export type Ready = { readonly at: string; readonly built: boolean };

/** Tells the parent that this bank can be asked; to the console where there is no parent. */
export const tellReady = (ready: Ready): void => {
  if (process.send === undefined) console.log(ready.at);
  else process.send(ready);
};

/** Starts a file of the repository in a process of its own, which ends with this one. */
export const startChild = (file: string, env: Environment, args: readonly string[] = []): ChildProcess => {
  const loader = import.meta.resolve("tsx");
  const leash = new URL("./leash.ts", import.meta.url).href;
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  return spawn(process.execPath, ["--import", loader, "--import", leash, path, ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, ...env },
  });
};

/** Waits for `tellReady` of a child. @throws {Error} when the child ends before */
export const whenReady = async (child: ChildProcess): Promise<Ready> => {
  // Not on "exit", which may overtake the last message.
  const ended = once(child, "disconnect").then(async () => {
    throw new Error(`ended with exit code ${await exitOf(child)} before it was ready`);
  });
  const [ready] = await Promise.race([once(child, "message"), ended]);
  ended.catch(() => undefined);
  return ready as Ready;
};

/** The exit code of a child once it has ended; 128 and the signal's number where a signal ended it. */
export const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    const end = (): void => resolve(child.exitCode ?? 128 + (SIGNALS[child.signalCode ?? ""] ?? 1));
    if (child.exitCode !== null || child.signalCode !== null) end();
    else child.once("exit", end).once("error", () => resolve(1));
  });

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
