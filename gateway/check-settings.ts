import { environment } from "./environment.ts";
import { ConfigError, readConfig } from "./settings/config.ts";

/**
 * A program that only checks the settings of the environment: exit code 1 and one line where one of them is wrong. Its
 * arguments are names of variables that others read.
 */
try {
  readConfig(environment, [], process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
