import type { Command, CommanderError } from "commander";

/** A mistake in the command line, said in one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** `wanted X, got Y.`, and `near`: what was probably meant. */
export const wanted = (what: string, got: string, near?: string): UsageError =>
  new UsageError(`wanted ${what}, got ${got}.${near === undefined ? "" : ` Did you mean ${near}?`}`);

/** What commander finds wrong with the words after `command`, and the help that lists what there is. */
export const usageErrorOf = (error: CommanderError, command: Command): UsageError => {
  const help = `${pathOf(command)} --help`;
  return new UsageError(`${faultOf(error, command)} See ${help}.`);
};

const faultOf = ({ code, message }: CommanderError, command: Command): string => {
  const fault = message
    .replace(/^error: /, "")
    .replace("\n", " ")
    .replace(/\.$/, "");
  if (code === "commander.excessArguments") return `${fault}: ${command.args.join(" ")}.`;
  const [, flag, value] = (code === "commander.unknownOption" && /'(--[\w-]+)(?:=(.*))?'/.exec(fault)) || [];
  if (command.commands.length > 0 && (flag !== undefined || code === "commander.help")) {
    return `wanted a command (${namesOf(command.commands)}), got ${flag ?? "none"}.`;
  }
  const has = ({ options }: Command): boolean => options.some(({ long }) => long === flag);
  if (flag === undefined) return `${fault}.`;
  if (has(command)) return `wanted no value after ${flag}, got "${value}".`;
  const owners = (command.parent?.commands ?? []).filter(has);
  return owners.length === 0 ? `${fault}.` : `unknown option '${flag}', which belongs to ${namesOf(owners)}.`;
};

/** The command as typed, such as odan token list. */
const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

const namesOf = (commands: readonly Command[]): string => commands.map((command) => command.name()).join(", ");
