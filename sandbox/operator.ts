import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The file of the token with which operators of the sandbox's banks publish releases. */
export const tokenFile = (folder: string): string => join(folder, "operator.token");

/** Makes the token where it is missing, and returns its file. */
export const operatorToken = async (folder: string): Promise<string> => {
  const file = tokenFile(folder);
  await writeFile(file, `${randomBytes(24).toString("hex")}\n`, { mode: 0o600, flag: "wx" }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    },
  );
  return file;
};
