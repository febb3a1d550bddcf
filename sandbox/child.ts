import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Faults, faultsOf, switchFaults } from "./faults.ts";
import type { ReleaseNumber } from "./releases.ts";
import { environment } from "./settings.ts";

/** What the parent asks of a bank's process: to serve another release, or to switch its faults (`faultsOf`). */
export type Order = { readonly release: ReleaseNumber } | { readonly fault: string };

type Environment = { readonly [name: string]: string | undefined };

/** What a bank's process tells once its bank can be asked: where, and whether it had to build first. */
export type Ready = { readonly at: string; readonly built: boolean };

/** Tells the parent that this bank can be asked; to the console where there is no parent. */
export const tellReady = (ready: Ready): void => {
  if (process.send === undefined) console.log(ready.at);
  else process.send(ready);
};

/** Does what the parent orders, one order at a time, and answers each: null when it is done, else why it is not. */
export const onOrders = (faults: Faults | null, publish: (release: ReleaseNumber) => Promise<void>): void => {
  const obey = async (order: Order): Promise<void> => {
    if ("release" in order) return publish(order.release);
    if (faults === null) throw new RangeError("this bank has no switches for faults");
    switchFaults(faults, faultsOf(order.fault));
  };
  let last = Promise.resolve();
  process.on("message", (order: Order) => {
    last = last.then(async () => {
      const problem = await obey(order).then(
        () => null,
        (error: Error) => error.message,
      );
      process.send?.({ problem });
    });
  });
};

/** Gives an order to a bank's process and waits until it is done. @throws {Error} with its reason, one line */
export const giveOrder = async (child: ChildProcess, order: Order): Promise<void> => {
  // What is not waited for any more shall not listen on: a bank gets any number of orders.
  const over = new AbortController();
  const done = once(child, "message", over);
  const ended = once(child, "disconnect", over).then(() => [{ problem: "its server ended" }]);
  child.send(order, () => undefined);
  const [answer] = await Promise.race([done, ended]).finally(() => over.abort());
  for (const other of [done, ended]) other.catch(() => undefined);
  const { problem } = answer as { readonly problem: string | null };
  if (problem !== null) throw new Error(problem);
};

/** The same items one after the other, while other work of the process has its turn in between. */
export async function* breathing<T>(items: Iterable<T>): AsyncGenerator<T> {
  let count = 0;
  for (const item of items) {
    if (++count % 500 === 0) await setImmediate();
    yield item;
  }
}

/** Gathers what a generator gives, breathing. */
export const gathered = async <T>(items: Iterable<T>): Promise<readonly T[]> => {
  const all: T[] = [];
  for await (const item of breathing(items)) all.push(item);
  return all;
};

/** Built JavaScript starts built JavaScript; TypeScript, which development and the tests run, starts TypeScript by tsx. */
const EXTENSION = extname(import.meta.filename);

/** Starts a source file of the repository, or what was built from it, in a process of its own that ends with this one. */
export const startChild = (file: string, env: Environment, args: readonly string[] = []): ChildProcess => {
  const exitWithParent = new URL(`./exit-with-parent${EXTENSION}`, import.meta.url).href;
  const preload = EXTENSION === ".ts" ? [import.meta.resolve("tsx"), exitWithParent] : [exitWithParent];
  const path = fileURLToPath(new URL(`../${file.replace(/\.ts$/, EXTENSION)}`, import.meta.url));
  return fork(path, args, {
    execArgv: preload.flatMap((module) => ["--import", module]),
    env: { ...environment, ...env },
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
