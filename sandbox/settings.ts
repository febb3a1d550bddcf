import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Every variable that the sandbox reads, with its default and its meaning. A test can compare documentation with it. */
export const SETTINGS = [
  { name: "ODAN_SIZE", default: "1", meaning: "Size of the sandbox's banks: 1 is their published size." },
  { name: "ODAN_POSTGRES_URL", default: "none", meaning: "URL of a PostgreSQL server for NCBN, instead of PGlite." },
  { name: "ODAN_DATA", default: ".odan", meaning: "Folder for what the sandbox builds. The gateway uses it too." },
  { name: "ODAN_GRAPHIQL", default: "1", meaning: "0: no GraphiQL at the gateway's /graphiql." },
  { name: "PORT", default: "4101 to 4105, by bank", meaning: "Port of a bank that is started by itself; 0: any." },
] as const;

/** The settings that the gateway, which is started with the environment of the sandbox, does not know. */
export const SANDBOX_ONLY = ["ODAN_SIZE", "ODAN_POSTGRES_URL"] as const;

/** The settings of the sandbox, checked. */
export type Settings = {
  /** Above 0, at most 1, the published size. */
  readonly size: number;
  /** Absolute; exists and can be written. */
  readonly folder: string;
  /** null: PGlite. */
  readonly postgresUrl: string | null;
  /** null: the bank's own port. */
  readonly port: number | null;
  /** The gateway's ODAN_GRAPHIQL. */
  readonly graphiql: string;
};

/** A setting that cannot be used. The message is one line for the operator, with the remedy. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

type Environment = { readonly [name: string]: string | undefined };

/** The environment of this process. */
export const environment: Environment = process.env;

/** Whether npm started this process or an ancestor of it. */
export const startedByNpm = environment["npm_lifecycle_event"] !== undefined;

/** Reads the settings and makes the folder where it is missing. An empty variable counts as absent. @throws {SettingsError} */
export const readSettings = (env: Environment = environment): Settings => {
  const read = (name: (typeof SETTINGS)[number]["name"]): string | null => env[name]?.trim() || null;
  const folder = folderOf(env);
  const size = sizeOf(read("ODAN_SIZE") ?? "1");
  try {
    make(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new SettingsError(`ODAN_DATA: wanted a folder that can be written, got ${folder}: ${code}. Choose another.`);
  }
  return {
    size,
    folder,
    postgresUrl: read("ODAN_POSTGRES_URL"),
    port: portOf(read("PORT")),
    graphiql: read("ODAN_GRAPHIQL") ?? "1",
  };
};

/** The folder that ODAN_DATA names, absolute; it may be missing. */
export const folderOf = (env: Environment = environment): string => resolve(env["ODAN_DATA"]?.trim() || ".odan");

/** One level at a time: a recursive mkdir in a folder such as /proc, which takes no new ones, never ends on Node 20. */
const make = (folder: string): void => {
  if (existsSync(folder)) return;
  make(dirname(folder));
  mkdirSync(folder);
};

const sizeOf = (text: string): number => {
  const size = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (size > 0 && size <= 1) return size;
  throw new SettingsError(
    `ODAN_SIZE: wanted a number above 0 and up to 1, got ${JSON.stringify(text)}. Leave it out for the published size.`,
  );
};

const portOf = (text: string | null): number | null => {
  if (text === null) return null;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new SettingsError(`PORT: wanted 0 to 65535, got ${JSON.stringify(text)}.`);
};
