// What the scripts of this folder share: work that one process does at a time, and programs that they run.
import { spawn } from "node:child_process";
import { mkdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The folder of package.json. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The owner of a lock touches it every second; the owner of a lock that is older than this is dead. */
const DEAD_AFTER_MS = 20_000;

/** Ends the process with a message and exit code 1. */
export const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

/** Returns what `read` returns; undefined where its file or folder is absent. @throws any other error of `read` */
export const ifThere = (read) => {
  try {
    return read();
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
};

/**
 * Runs `work` until `isDone`. Of several processes one works and the others wait; where `work` throws, the process ends with
 * the message. `name` names the lock, a folder: mkdir is atomic, so one process gets it.
 */
export const once = async (name, isDone, work) => {
  const lock = join(ROOT, ".odan", `${name}.lock`);
  while (!isDone()) {
    if (take(lock)) {
      const beat = setInterval(() => utimesSync(lock, new Date(), new Date()), 1000);
      try {
        if (!isDone()) await work();
      } catch (error) {
        rmSync(lock, { recursive: true, force: true });
        fail(error.message);
      } finally {
        clearInterval(beat);
        rmSync(lock, { recursive: true, force: true });
      }
    } else if (ageMs(lock) > DEAD_AFTER_MS) breakDeadLock(lock);
    else await sleep(200);
  }
};

const ageMs = (path) => Date.now() - (ifThere(() => statSync(path).mtimeMs) ?? Date.now());

const take = (lock) => {
  mkdirSync(dirname(lock), { recursive: true });
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
};

/** Removes a dead owner's lock. It is moved first, so that a lock that somebody took in between can be put back. */
const breakDeadLock = (lock) => {
  const aside = `${lock}.${process.pid}`;
  ifThere(() => renameSync(lock, aside));
  if (ageMs(aside) > DEAD_AFTER_MS) rmSync(aside, { recursive: true, force: true });
  else ifThere(() => renameSync(aside, lock));
};

/** Runs a program and keeps its output. `how` is its exit code, the signal that ended it, or why it could not start. */
export const run = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => child.kill(signal));
    const end = (how) => resolve({ how, output: Buffer.concat(output).toString().trimEnd() });
    child.once("error", (error) => end(error.message));
    child.once("close", (code, signal) => end(code ?? signal));
  });
