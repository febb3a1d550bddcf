import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const LOCK = join(tmpdir(), "odan-apt.lock");

/**
 * What `find` finds; where that is nothing, after the installation of a Debian package. Test files run side by side: one
 * process installs, the others wait.
 * @param instead what to set where the package cannot be had
 * @throws {Error} that says what to install
 */
export const fromPackage = async (
  name: string,
  find: () => Promise<string | undefined>,
  instead: string,
): Promise<string> => {
  // A package that is being installed has some of its files already.
  await run("flock", [LOCK, "true"]).catch(() => undefined);
  const found = await find();
  if (found !== undefined) return found;
  const install = `apt-get update && apt-get install -y --no-install-recommends ${name}`;
  try {
    await run("flock", [LOCK, "sh", "-c", install], { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  } catch (cause) {
    throw new Error(`Tests need the package ${name}: install it, or set ${instead}.`, { cause });
  }
  const fresh = await find();
  if (fresh === undefined) throw new Error(`The package ${name} brought no program: set ${instead}.`);
  return fresh;
};
