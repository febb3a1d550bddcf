import { SettingsError } from "./settings.ts";

/** Runs a command with the arguments of this process. An error that its user can mend is one line and exit code 1. */
export const runCommand = async (name: string, run: (args: readonly string[]) => Promise<void>): Promise<void> => {
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof RangeError)) throw error;
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
};
