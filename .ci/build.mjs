// Compiles the sources of tsconfig.build.json to dist/ and copies the data beside them, unless dist/ is up to date; installs
// the packages first. npm runs it before whatever runs the built JavaScript, which neither checks types nor writes them:
// that takes three times as long. `npm run build` passes --types and does both.
import "./install.mjs";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ifThere, once, ROOT, run } from "./once.mjs";

const DIST = join(ROOT, "dist");
/** Digest of the sources that dist/ was made from, and whether types are among it. */
const MARK = join(DIST, ".odan-sources");
const TYPES = process.argv.includes("--types");
const CONFIG = "tsconfig.build.json";

/** Every file that tsconfig.build.json includes, relative to the root: TypeScript, and the data that it reads. */
const sources = () =>
  JSON.parse(readFileSync(join(ROOT, CONFIG), "utf8")).include.flatMap((path) => {
    const stat = statSync(join(ROOT, path), { throwIfNoEntry: false });
    if (!stat?.isDirectory()) return stat ? [path] : [];
    const found = readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true });
    return found
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));
  });

const digest = () => {
  const hash = createHash("sha256");
  for (const file of [CONFIG, "tsconfig.base.json", "package-lock.json", ...sources().sort()]) {
    hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest("hex");
};

const isBuilt = () => {
  const [made, types] = ifThere(() => readFileSync(MARK, "utf8"))?.split(" ") ?? [];
  return made === digest() && (types === "types" || !TYPES);
};

/** Builds beside dist/ and moves it into place at the end, so that no process ever reads half a build. */
const build = async () => {
  for (const name of readdirSync(ROOT)) {
    if (/^dist\.(new|old)$/.test(name)) rmSync(join(ROOT, name), { recursive: true, force: true });
  }
  const before = digest();
  const work = `${DIST}.new`;
  const { how, output } = await run(process.execPath, [
    join(ROOT, "node_modules/typescript/bin/tsc"),
    ...["--project", CONFIG, "--outDir", work],
    ...(TYPES ? [] : ["--noCheck", "--declaration", "false"]),
  ]);
  if (how !== 0) throw new Error(`${output}\nThe build failed (${how}). Mend what it says above and start again.`);
  for (const file of sources().filter((name) => !name.endsWith(".ts"))) {
    mkdirSync(join(work, dirname(file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(work, file));
  }
  writeFileSync(join(work, ".odan-sources"), TYPES ? `${before} types` : before);
  ifThere(() => renameSync(DIST, `${DIST}.old`));
  renameSync(work, DIST);
  rmSync(`${DIST}.old`, { recursive: true, force: true });
};

await once("build", isBuilt, build);
