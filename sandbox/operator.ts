import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import writeFileAtomic from "write-file-atomic";
import { exitOf, startChild } from "./child.ts";
import type { BankId } from "./donor.ts";
import { SANDBOX_ONLY, SettingsError } from "./settings.ts";

/** The file with the token by which the operator of a bank publishes its releases. It may be missing. */
export const tokenFile = (folder: string, bank: BankId): string => join(folder, "operators", `${bank}.token`);

/**
 * Issues a bank's operator token by `odan token`, as the federation's administrator does, unless its file exists already.
 * @returns the token's file @throws {SettingsError} with the message of the command
 */
export const operatorToken = async (folder: string, bank: BankId): Promise<string> => {
  const file = tokenFile(folder, bank);
  if (existsSync(file)) return file;
  const environment = { ...Object.fromEntries(SANDBOX_ONLY.map((name) => [name, undefined])), ODAN_DATA: folder };
  const child = startChild("gateway/cli.ts", environment, ["token", "operator", bank, "--days", "366"], "pipe");
  const [token, said, code] = await Promise.all([text(child.stdout!), text(child.stderr!), exitOf(child)]);
  if (code !== 0) throw new SettingsError(`${bank}: wanted a token of its operator, got: ${said.trim()}`);
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, token, { mode: 0o600 });
  return file;
};
