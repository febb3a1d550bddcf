import { ConfigError, readConfig } from "./config.ts";
import { environment } from "./environment.ts";

/** A program that only checks the settings of the environment: exit code 1 and one line where one of them is wrong. */
try {
  readConfig(environment);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
