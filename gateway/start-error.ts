import { ListenError } from "../net/serve/listen.ts";
import { BankYamlError } from "../subgraphs/mapping/bank-yaml-error.ts";
import { ConfigError } from "./settings/config.ts";

/** Ends a server that cannot start with exit code 1: one line for an error that the operator can mend, a stack for a bug. */
export const endWith = (error: unknown): never => {
  const expected = [ConfigError, BankYamlError, ListenError].some((kind) => error instanceof kind);
  console.error(expected ? (error as Error).message : error);
  process.exit(1);
};
