import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the sandbox keeps the token with which its banks' operators publish releases. */
export const tokenFile = (folder: string): string => join(folder, "operator.token");

/** Makes the token where there is none yet. @returns its file */
export const operatorToken = async (folder: string): Promise<string> => {
  const file = tokenFile(folder);
  await writeFile(file, `${randomBytes(24).toString("hex")}\n`, { mode: 0o600, flag: "wx" }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
  return file;
};
