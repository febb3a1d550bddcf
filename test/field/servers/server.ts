import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { homedir } from "node:os";
import path from "node:path";
import type { FieldDonor } from "../truth/donors.ts";

/** A server of others' that runs on loopback, with the donors in it. */
export type FieldServer = {
  /** Its name and version. */
  readonly version: string;
  /** Where its parts answer, by their names in `bankYaml`. */
  readonly urls: { readonly [part: string]: string };
  readonly stop: () => Promise<void>;
};

/** A kind of server. */
export type FieldServerKind = {
  readonly name: string;
  /** False: its answers cannot be recorded, and `npm test` starts it instead. Default: true. */
  readonly records?: false;
  readonly start: (donors: readonly FieldDonor[]) => Promise<FieldServer>;
  /** The bank.yaml of a bank that runs it. */
  readonly bankYaml: (urls: { readonly [part: string]: string }) => string;
};

/** Where servers are installed: outside of the repository. */
export const CACHE = process.env["ODAN_FIELD_CACHE"] ?? path.join(homedir(), ".cache", "odan-field");

/** Runs a command to its end. @throws {Error} with its output where it fails */
export const run = async (command: string, given: readonly string[], cwd: string): Promise<void> => {
  const child = spawn(command, given, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const said = output(child);
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${command} ${given[0]}: wanted exit code 0, got ${code}\n${said().slice(-2000)}`);
};

/** Starts a program and waits for a line that says it is ready. Its groups are what `ready` captures. */
export const startProgram = async (
  command: string,
  given: readonly string[],
  ready: RegExp,
  { cwd, env = {} }: { readonly cwd: string; readonly env?: { readonly [name: string]: string } },
): Promise<{ readonly said: RegExpExecArray; readonly stop: () => Promise<void> }> => {
  const child = spawn(command, given, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const text = output(child);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill();
    await gone;
  };
  const said = await new Promise<RegExpExecArray>((resolve, reject) => {
    const look = () => {
      const found = ready.exec(text());
      if (found !== null) resolve(found);
    };
    child.stdout.on("data", look);
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${command}: wanted it ready, got its end\n${text().slice(-2000)}`)));
  });
  return { said, stop };
};

const output = ({ stdout, stderr }: ChildProcess): (() => string) => {
  let text = "";
  for (const stream of [stdout, stderr]) stream?.on("data", (part: Buffer) => (text += part.toString()));
  return () => text;
};
