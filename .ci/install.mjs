// Installs the packages of package-lock.json, unless they are installed. npm runs it before check and test.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, ifThere, once, ROOT, run } from "./once.mjs";

const PACKAGES = join(ROOT, "node_modules");
/** Digest of the lock file that the installed packages were made from. Absent during an install. */
const MARK = join(PACKAGES, ".odan-lock");
/** Present during an install. Found at the start of another, it means that packages may be incomplete. */
const UNDER_WAY = join(PACKAGES, ".odan-installing");

const digest = () =>
  createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");

const isInstalled = () => ifThere(() => readFileSync(MARK, "utf8")) === digest();

/** The log level is given because `npm run -s` hands down its own. */
const NPM_INSTALL = ["install", "--include=dev", "--no-save", "--no-fund", "--no-audit", "--loglevel=error"];

const install = async () => {
  process.stderr.write("Installing dependencies (once)...\n");
  if (existsSync(UNDER_WAY)) rmSync(PACKAGES, { recursive: true, force: true });
  rmSync(MARK, { force: true });
  mkdirSync(PACKAGES, { recursive: true });
  writeFileSync(UNDER_WAY, "");
  const before = digest();
  const { how, output } = await run("npm", NPM_INSTALL);
  if (how !== 0) throw new Error(`${output}\nnpm install failed (${how}). Mend what it says above and start again.`);
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
await once("install", isInstalled, install);
