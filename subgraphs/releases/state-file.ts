import { mkdir, open, readFile, rename } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { StateFile } from "./authority.ts";
import type { About } from "./edition.ts";

const bound = z.int().min(0).nullable();
const current = z.strictObject({
  edition: z.strictObject({ name: z.string().min(1), ordinal: z.int().min(1), purges: z.int().min(0) }),
  about: z.strictObject({
    release: z.strictObject({ id: z.string().min(1), date: z.string(), kind: z.enum(["ANNOUNCED", "WATCHED"]) }),
    size: z.strictObject({ donors: bound, samples: bound }),
  }),
});

/** A bank's release state in a file. What `write` resolved for is there after a crash. */
export const stateFile = (file: string): StateFile<About> => ({
  /** @throws {Error} for a file that holds something else: it is not guessed at */
  async read() {
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (text === null) return null;
    try {
      return current.parse(JSON.parse(text));
    } catch (cause) {
      throw new Error(
        `${file}: wanted the state that Odan wrote, got something else. Restore it, or remove it and publish the release anew.`,
        { cause },
      );
    }
  },
  async write(state) {
    await mkdir(path.dirname(file), { recursive: true });
    const next = `${file}.next`;
    await durably(next, "w", (handle) => handle.writeFile(`${JSON.stringify(state)}\n`));
    await rename(next, file);
    // The new name is durable once its folder is.
    await durably(path.dirname(file), "r", async () => undefined);
  },
});

/** The state of a bank that lives and ends with this process. */
export const stateInMemory = (): StateFile<About> => {
  let kept: Awaited<ReturnType<StateFile<About>["read"]>> = null;
  return {
    read: async () => kept,
    write: async (state) => {
      kept = state;
    },
  };
};

const durably = async (
  file: string,
  flags: string,
  work: (handle: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> => {
  const handle = await open(file, flags);
  try {
    await work(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
};
