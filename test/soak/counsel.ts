import { spawn } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { exitOf, whenReady } from "../../sandbox/child.ts";
import type { Said, Verdict } from "./judge.ts";

/** The way to the oracle's process. */
export type Counsel = AsyncDisposable & {
  readonly verdict: (said: Said) => Promise<Verdict>;
  readonly waiting: () => number;
};

export const openCounsel = async (size: number): Promise<Counsel> => {
  const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const preload = [import.meta.resolve("tsx"), pathToFileURL(file("../../sandbox/exit-with-parent.ts")).href];
  const args = [...preload.flatMap((one) => ["--import", one]), file("court.ts"), String(size)];
  const court = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const waiting = new Map<number, { resolve: (verdict: Verdict) => void; reject: (why: Error) => void }>();
  let last = 0;
  await whenReady(court);
  court.on("message", ({ id, verdict }: { readonly id: number; readonly verdict: Verdict }) => {
    waiting.get(id)?.resolve(verdict);
    waiting.delete(id);
  });
  court.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("the oracle's process has ended"));
  });
  return {
    waiting: () => waiting.size,
    verdict: (said) =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve, reject });
        court.send({ id: last, said });
      }),
    async [Symbol.asyncDispose]() {
      court.kill("SIGKILL");
      await exitOf(court);
    },
  };
};
