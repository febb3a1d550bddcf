import type { ChildProcess } from "node:child_process";
import { exitOf, startChild } from "./child.ts";
import { whenParentEnds } from "./parent.ts";
import { SettingsError } from "./settings.ts";

/** Time in ms that the children have to end after SIGTERM. Longer than the gateway lets running questions take. */
const GRACE_MS = 25_000;

/** The child processes of `npm start`. All of them end when this process is told to stop, or when its parent ends. */
export type Processes = {
  /** Starts a source file as `startChild` does. @throws {SettingsError} once the processes are stopping */
  start(...what: Parameters<typeof startChild>): ChildProcess;
  isRunning(child: ChildProcess): boolean;
  isStopping(): boolean;
  /** Has `close` called, and waited for, when the processes stop. */
  onStop(close: () => Promise<void>): void;
  /** Sends SIGTERM to every child, SIGKILL after 25 s, and waits until all have ended. */
  stop(): Promise<void>;
};

/** Makes this process the one that starts children and ends them. */
export const openProcesses = (): Processes => {
  const children = new Set<ChildProcess>();
  const closing: (() => Promise<void>)[] = [];
  let stopping = false;

  const start = (...what: Parameters<typeof startChild>): ChildProcess => {
    if (stopping) throw new SettingsError("start: it is stopping.");
    const child = startChild(...what);
    children.add(child);
    void exitOf(child).then(() => children.delete(child));
    return child;
  };

  const kill = (signal: NodeJS.Signals): void => {
    for (const child of children) child.kill(signal);
  };

  const stop = async (): Promise<void> => {
    stopping = true;
    const grace = setTimeout(() => kill("SIGKILL"), GRACE_MS);
    kill("SIGTERM");
    await Promise.all([...closing.map((close) => close()), ...[...children].map(exitOf)]);
    clearTimeout(grace);
  };

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
  whenParentEnds(() => void stop());
  return {
    start,
    isRunning: (child) => children.has(child),
    isStopping: () => stopping,
    onStop: (close) => closing.push(close),
    stop,
  };
};
