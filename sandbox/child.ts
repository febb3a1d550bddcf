import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Faults, faultsOf, switchFaults } from "./faults.ts";
import type { ReleaseNumber } from "./releases.ts";
import { environment } from "./settings.ts";

/** An order to a bank's process: serve another release, or switch faults as `faultsOf` reads them. */
export type Order = { readonly release: ReleaseNumber } | { readonly fault: string };

type Environment = { readonly [name: string]: string | undefined };

/** The report of a bank's process that its bank can be asked: `at` is its URL or folder, `built` whether it built first. */
export type Ready = { readonly at: string; readonly built: boolean };

/** Reports to the parent that this bank can be asked; prints the address where there is no parent. */
export const reportReady = (ready: Ready): void => {
  if (process.send === undefined) console.log(ready.at);
  else process.send(ready);
};

/** Carries out the orders of the parent, one at a time, and replies to each: `problem` is null, or why it failed. */
export const onOrders = (faults: Faults | null, publish: (release: ReleaseNumber) => Promise<void>): void => {
  const carryOut = async (order: Order): Promise<void> => {
    if ("release" in order) return publish(order.release);
    if (faults === null) throw new RangeError("this bank has no switches for faults");
    switchFaults(faults, faultsOf(order.fault));
  };
  let last = Promise.resolve();
  process.on("message", (order: Order) => {
    last = last.then(async () => {
      const problem = await carryOut(order).then(
        () => null,
        (error: Error) => error.message,
      );
      process.send?.({ problem });
    });
  });
};

/** Gives an order to a bank's process and waits until it is carried out. @throws {Error} one line where it failed */
export const giveOrder = async (child: ChildProcess, order: Order): Promise<void> => {
  // The listeners are removed after each order: a bank gets any number of orders.
  const over = new AbortController();
  const done = once(child, "message", over);
  const ended = once(child, "disconnect", over).then(() => [{ problem: "its server ended" }]);
  child.send(order, () => undefined);
  const [answer] = await Promise.race([done, ended]).finally(() => over.abort());
  for (const other of [done, ended]) other.catch(() => undefined);
  const { problem } = answer as { readonly problem: string | null };
  if (problem !== null) throw new Error(problem);
};

/** Built JavaScript starts built JavaScript; TypeScript, which development and tests run, starts TypeScript with tsx. */
const EXTENSION = extname(import.meta.filename);

/**
 * Starts a source file of the repository, or what was built from it, in a process of its own that ends with this one.
 * @param output where its stdout and stderr go; default: those of this process
 */
export const startChild = (
  file: string,
  env: Environment,
  args: readonly string[] = [],
  output: "inherit" | "pipe" = "inherit",
): ChildProcess => {
  const exitWithParent = new URL(`./exit-with-parent${EXTENSION}`, import.meta.url).href;
  const preload = EXTENSION === ".ts" ? [import.meta.resolve("tsx"), exitWithParent] : [exitWithParent];
  const path = fileURLToPath(new URL(`../${file.replace(/\.ts$/, EXTENSION)}`, import.meta.url));
  return fork(path, args, {
    execArgv: preload.flatMap((module) => ["--import", module]),
    env: { ...environment, ...env },
    stdio: ["inherit", output, output, "ipc"],
  });
};

/** Waits for `reportReady` of a child. @throws {Error} when the child ends before */
export const whenReady = async (child: ChildProcess): Promise<Ready> => {
  // "exit" may come before the last message, "disconnect" does not.
  const ended = once(child, "disconnect").then(async () => {
    throw new Error(`ended with exit code ${await exitOf(child)} before it was ready`);
  });
  const [ready] = await Promise.race([once(child, "message"), ended]);
  ended.catch(() => undefined);
  return ready as Ready;
};

/** Waits for the end of a child and returns its exit code; 128 plus the signal's number where a signal ended it. */
export const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    const end = (): void => resolve(child.exitCode ?? 128 + (constants.signals[child.signalCode ?? "SIGHUP"] ?? 1));
    if (child.exitCode !== null || child.signalCode !== null) end();
    else child.once("exit", end).once("error", () => resolve(1));
  });
