import type { ChildProcess } from "node:child_process";
import { exitOf, startChild } from "./child.ts";
import { whenParentEnds } from "./parent.ts";
import { SettingsError } from "./settings.ts";

/** Time in ms that the children have to end after SIGTERM. Longer than the gateway lets running questions take. */
const GRACE_MS = 25_000;

export type Processes = ReturnType<typeof openProcesses>;

/** The child processes of `npm start`. All of them end when this process gets a signal to stop, or when its parent ends. */
export const openProcesses = () => {
  const children = new Set<ChildProcess>();
  const closing: (() => Promise<void>)[] = [];
  let stopping = false;

  /** Starts a source file as `startChild` does. @throws {SettingsError} once the processes are stopping */
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

  /** Sends SIGTERM to every child, SIGKILL after 25 s, and waits until all have ended. */
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
    stop,
    isRunning: (child: ChildProcess): boolean => children.has(child),
    isStopping: (): boolean => stopping,
    /** Has `close` called, and waited for, when the processes stop. */
    onStop: (close: () => Promise<void>): void => void closing.push(close),
  };
};
