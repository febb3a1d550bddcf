import { Command, CommanderError, Option } from "commander";
import { FIELD_NAMES } from "../../schema/fields.ts";
import type { AskingName } from "./documents.ts";
import { facetOf } from "./facet.ts";
import { type CommandName, HELP, type HelpText, OVERVIEW, withTexts, withUsageErrors } from "./help-texts.ts";
import { day, endpointOf, questionOptions, repeated, wantValues, wholeNumber } from "./options.ts";
import type { Language } from "./print/words.ts";
import { addTokens, type TokenLine } from "./token-commands.ts";
import { wanted } from "./usage-error.ts";
import { type Given, list, whereOf } from "./where.ts";

/** What a command line wants, checked. */
export type Line =
  | Question
  | { readonly name: "subgraph"; readonly file: string }
  | { readonly name: "check"; readonly file: string; readonly language: Language; readonly json: boolean }
  /** `file`: the private key; null: the one that the environment names. */
  | { readonly name: "key"; readonly file: string | null }
  | TokenLine
  | { readonly name: "help"; readonly text: string };

/** A command that asks a gateway. */
export type Question = {
  readonly name: AskingName;
  /** Of the command's document; a variable without a value is undefined. */
  readonly variables: Variables;
  /** The release that `publish` publishes, `bbj@2026.2`; null for the other commands. */
  readonly publishes: string | null;
  /** File with the token to ask with; null: what the environment names, or none. */
  readonly tokenFile: string | null;
  readonly language: Language;
  readonly json: boolean;
  /** The GraphQL endpoint. */
  readonly url: string;
};

type Variables = { readonly [name: string]: unknown };

/** Reads the words after `odan`. `lang` is the environment's LANG. @throws {UsageError} */
export const lineOf = (args: readonly string[], lang: string | undefined): Line => {
  const lines: Line[] = [];
  const written: string[] = [];
  const program = rootCommand((text) => written.push(text));
  const language = lang?.toLowerCase().startsWith("ja") ? "ja" : "en";
  addCommands(program, language, (line) => lines.push(line));
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { name: "help", text: written.join("") };
  }
  return lines[0]!;
};

const rootCommand = (write: (text: string) => void): Command => {
  const program = new Command("odan")
    .description("Asks every biobank of the federation one question: how many donors and samples like this, and where?")
    .usage("COMMAND [OPTIONS]    (in this folder: npm run -s odan -- COMMAND [OPTIONS])")
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({ writeOut: write, writeErr: () => {} });
  return withTexts(program, OVERVIEW);
};

/** @param language of the output where the line names none @param found takes what the line wants */
const addCommands = (program: Command, language: Language, found: (line: Line) => void): void => {
  const add = (name: CommandName): Command => {
    const { summary, notes = "", examples, exits }: HelpText = HELP[name];
    const command = program.command(name).summary(summary).description(`${summary}\n\n${notes}`.trimEnd());
    return withTexts(command, examples, exits);
  };
  const ask: Ask = (command, variablesOf) => {
    gatewayOptions(command, language).action(() => found(asked(command, variablesOf)));
    wantValues(command);
  };
  addSearch(add("search"), ask);
  addReading(add("reading"), ask);
  addConcepts(add("concepts"), ask);
  addFind(add("find"), ask);
  ask(add("banks"), () => ({}));
  ask(add("fields"), () => ({}));
  addPublish(add("publish"), ask);
  add("subgraph")
    .argument("<FILE>")
    .action((file: string) => found({ name: "subgraph", file }));
  addBank(add("bank"), language, found);
  add("key")
    .argument("[FILE]")
    .action((file: string | undefined) => found({ name: "key", file: file ?? null }));
  addTokens(add("token"), found);
};

/** Makes a command ask a gateway, with the variables that its options and operands stand for. */
type Ask = (command: Command, variablesOf: (options: Options) => Variables) => void;

/** Values of options, as far as the command has them and the line gives them. */
type Options = { readonly lang: Language; readonly url: string } & {
  readonly [N in "json" | "purge"]?: boolean;
} & { readonly [N in "by" | "bank"]?: readonly string[] } & {
  readonly [N in "first" | "deadline" | "donors" | "samples"]?: number;
} & { readonly [N in "snapshot" | "notBefore" | "under" | "number" | "date" | "tokenFile"]?: string };

const addSearch = (command: Command, ask: Ask): void => {
  const given = questionOptions(command);
  breakdownOptions(command)
    .option("--deadline <MILLISECONDS>", "longest wait for the banks", wholeNumber("--deadline", 1))
    .option("--snapshot <TOKEN>", "of an earlier answer: ask its banks, for exactly its releases")
    .option("--not-before <TOKEN>", "of an earlier answer: no bank answers from an older release");
  ask(command, (options) => {
    const { deadline: deadlineMs, snapshot, notBefore } = options;
    return { ...questionOf(given, options), deadlineMs, snapshot, notBefore };
  });
};

const addReading = (command: Command, ask: Ask): void => {
  const given = questionOptions(command);
  ask(breakdownOptions(command), (options) => questionOf(given, options));
};

const breakdownOptions = (command: Command): Command =>
  command
    .optionsGroup("Settings:")
    .option("--by <FIELD[:LEVEL|:CODE][,FIELD]>", `${BREAKDOWN} ${FIELD_NAMES.join(", ")}`, repeated)
    .option("--first <NUMBER>", "rows of each breakdown (20)", wholeNumber("--first", 1))
    .option("--bank <ID[,ID]>", "ask only this bank", repeated);

const BREAKDOWN = "break the numbers down; two fields make a cross table. Fields:";

const questionOf = (given: readonly Given[], { by, first, bank }: Options): Variables => ({
  where: whereOf(given),
  facets: by?.map((value) => facetOf(value, first)),
  banks: bank?.flatMap((value) => list("bank", value)),
});

const addConcepts = (command: Command, ask: Ask): void => {
  command
    .argument("[TEXT...]")
    .optionsGroup("Settings:")
    .option("--under <CODE>", "instead of TEXT: the next level below this code")
    .option("--first <NUMBER>", "codes found (20)", wholeNumber("--first", 1));
  ask(command, ({ under, first }) => {
    const text = command.args.join(" ") || undefined;
    if ((text === undefined) === (under === undefined)) {
      throw wanted("a name, a number or a code after concepts, or --under", text === undefined ? "none" : "both");
    }
    return { text, under, first };
  });
};

const addFind = (command: Command, ask: Ask): void => {
  command
    .argument("<TEXT...>")
    .optionsGroup("Settings:")
    .option("--first <NUMBER>", "hits (20)", wholeNumber("--first", 1));
  ask(command, ({ first }) => ({ text: command.args.join(" "), first }));
};

const addPublish = (command: Command, ask: Ask): void => {
  const bound = (unit: string): string => `${unit} at most from this release on (the bound in force)`;
  command
    .argument("<BANK>")
    .optionsGroup("Settings:")
    .requiredOption("--number <NUMBER>", "number of the release, such as 2026.2: the local API holds it by now")
    .requiredOption("--date <DATE>", "its day, such as 2026-10-01", day)
    .option("--donors <NUMBER>", bound("donors"), wholeNumber("--donors", 0))
    .option("--samples <NUMBER>", bound("samples"), wholeNumber("--samples", 0))
    .option("--purge", "give up what was answered before, although the number may stay");
  ask(command, ({ number, date, donors = null, samples = null, purge = false }) => {
    const size = donors === null && samples === null ? null : { donors, samples };
    return { bank: command.args[0], release: { number, date, size }, purge };
  });
};

/** Adds `odan bank check`. */
const addBank = (command: Command, language: Language, found: (line: Line) => void): void => {
  const summary = "check a bank.yaml and the data behind it, as they will be used";
  const check = withUsageErrors(command.command("check").summary(summary).description(summary))
    .argument("<FILE>", "the bank.yaml")
    .addOption(languageOption(language))
    .option("--json", "print what was found as JSON");
  check.action((file: string, { lang, json = false }: { readonly lang: Language; readonly json?: boolean }) =>
    found({ name: "check", file, language: lang, json }),
  );
};

const languageOption = (language: Language): Option =>
  new Option("--lang <LANG>", "language of the output").choices(["en", "ja"]).default(language, "from LANG");

const gatewayOptions = (command: Command, language: Language): Command =>
  command
    .optionsGroup("Settings:")
    .addOption(languageOption(language))
    .option("--json", "print the answer as JSON")
    .option("--token-file <FILE>", "file with the token to ask with (ODAN_TOKEN; to publish, ODAN_OPERATOR_TOKEN_FILE)")
    .option("--url <URL>", "gateway to ask; to publish, the bank's subgraph will do", "http://127.0.0.1:4000")
    .helpOption("-h, --help", "print this help");

const asked = (command: Command, variablesOf: (options: Options) => Variables): Question => {
  const options = command.opts<Options>();
  const { lang: language, json = false, url, number, tokenFile = null } = options;
  const publishes = number === undefined ? null : `${command.args[0]}@${number}`;
  const name = command.name() as AskingName;
  return { name, variables: variablesOf(options), publishes, tokenFile, language, json, url: endpointOf(url) };
};
