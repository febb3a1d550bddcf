// Installs what package-lock.json names, unless it is installed already. Run by npm before start, test, check and odan.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGES = join(ROOT, "node_modules");
/** Digest of the lock file that the installed packages were made from. Gone while an install is under way. */
const MARK = join(PACKAGES, ".odan-lock");
/** Here from the start of an install to its good end. Found at the start of another, it means that packages may be cut short. */
const UNDER_WAY = join(PACKAGES, ".odan-installing");
/** Held by the one process that installs, which touches it every second: untouched for longer, its owner is dead. */
const LOCK = join(ROOT, ".odan", "install.lock");
const DEAD_AFTER_MS = 20_000;

/** Ends the process with one line that says what is wrong. */
const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

/** Absent file or folder: undefined. Anything else that goes wrong is thrown. */
const ifThere = (read) => {
  try {
    return read();
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
};

const digest = () =>
  createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
const installed = () => ifThere(() => readFileSync(MARK, "utf8")) === digest();
const ageMs = (path) => Date.now() - (ifThere(() => statSync(path).mtimeMs) ?? Date.now());

/** Takes the lock if it is free. mkdir is atomic: of two processes one gets it. */
const take = () => {
  mkdirSync(join(ROOT, ".odan"), { recursive: true });
  try {
    mkdirSync(LOCK);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
};

/** Removes a dead owner's lock. It is moved away first, so that a lock taken anew in between can be put back. */
const breakDeadLock = () => {
  const aside = `${LOCK}.${process.pid}`;
  ifThere(() => renameSync(LOCK, aside));
  if (ageMs(aside) > DEAD_AFTER_MS) rmSync(aside, { recursive: true, force: true });
  else ifThere(() => renameSync(aside, LOCK));
};

/** Runs npm and keeps its words for the case that it fails. The log level is said because `npm run -s` hands down its own. */
const npmInstall = () =>
  new Promise((resolve) => {
    const args = ["install", "--include=dev", "--no-save", "--no-fund", "--no-audit", "--loglevel=error"];
    const npm = spawn("npm", args, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    const output = [];
    npm.stdout.on("data", (chunk) => output.push(chunk));
    npm.stderr.on("data", (chunk) => output.push(chunk));
    const beat = setInterval(() => utimesSync(LOCK, new Date(), new Date()), 1000);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => npm.kill(signal));
    const end = (how) => {
      clearInterval(beat);
      resolve({ how, output: Buffer.concat(output).toString() });
    };
    npm.once("error", (error) => end(error.message));
    npm.once("close", (code, signal) => end(code ?? signal));
  });

const install = async () => {
  process.stderr.write("Installing dependencies (once)...\n");
  if (existsSync(UNDER_WAY)) rmSync(PACKAGES, { recursive: true, force: true });
  rmSync(MARK, { force: true });
  mkdirSync(PACKAGES, { recursive: true });
  writeFileSync(UNDER_WAY, "");
  const before = digest();
  const { how, output } = await npmInstall();
  if (how !== 0) {
    rmSync(LOCK, { recursive: true, force: true });
    fail(`${output.trimEnd()}\nnpm install failed (${how}). Mend what it says above and start again.`);
  }
  writeFileSync(`${MARK}.new`, before);
  rmSync(UNDER_WAY);
  renameSync(`${MARK}.new`, MARK);
};

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(
    `Odan needs Node 20.19 or newer, this is ${process.versions.node}. Install a newer one from https://nodejs.org/`,
  );
}
while (!installed()) {
  if (take()) {
    try {
      if (!installed()) await install();
    } finally {
      rmSync(LOCK, { recursive: true, force: true });
    }
  } else if (ageMs(LOCK) > DEAD_AFTER_MS) breakDeadLock();
  else await sleep(200);
}
