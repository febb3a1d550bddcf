import { Command, CommanderError, Option } from "commander";
import { FIELD_NAMES } from "../../schema/fields.ts";
import type { AskingName } from "./documents.ts";
import { facetOf } from "./facet.ts";
import { type CommandName, EXITS, HELP, type HelpText, OVERVIEW } from "./help-texts.ts";
import { day, questionOptions, repeated, wantValues, wholeNumber } from "./options.ts";
import type { Language } from "./print/words.ts";
import { endpointOf } from "./url.ts";
import { usageErrorOf, wanted } from "./usage-error.ts";
import { type Given, list, whereOf } from "./where.ts";

/** What a command line wants, checked. */
export type Line =
  | Question
  | { readonly name: "subgraph"; readonly file: string }
  | { readonly name: "help"; readonly text: string };

/** A command that asks a gateway. */
export type Question = {
  readonly name: AskingName;
  /** Of the command's document; a variable without a value is undefined. */
  readonly variables: { readonly [name: string]: unknown };
  /** What `publish` publishes; null for the other commands. */
  readonly publishes: Publication | null;
  readonly language: Language;
  readonly json: boolean;
  /** The GraphQL endpoint. */
  readonly url: string;
};

export type Publication = {
  /** `bbj@2026.2` */
  readonly release: string;
  /** File with the operator's token; null: the one that the environment names. */
  readonly tokenFile: string | null;
};

/** Reads the words after `odan`. `lang` is the environment's LANG. @throws {UsageError} */
export const lineOf = (args: readonly string[], lang: string | undefined): Line => {
  const lines: Line[] = [];
  const written: string[] = [];
  const language = lang?.toLowerCase().startsWith("ja") ? "ja" : "en";
  const program = rootCommand((text) => written.push(text));
  const building = { program, language, found: (line: Line) => lines.push(line) } as const;
  for (const add of [addSearch, addReading, addConcepts, addBanks, addFields, addPublish, addSubgraph]) add(building);
  for (const command of program.commands) wantValues(command);
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { name: "help", text: written.join("") };
  }
  return lines[0]!;
};

type Building = {
  readonly program: Command;
  /** Of the output, where the line does not choose one. */
  readonly language: Language;
  readonly found: (line: Line) => void;
};

const rootCommand = (write: (text: string) => void): Command => {
  const program = new Command("odan")
    .description("Asks every biobank of the federation one question: how many donors and samples like this, and where?")
    .usage("COMMAND [OPTIONS]    (in this folder: npm run -s odan -- COMMAND [OPTIONS])")
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({ writeOut: write, writeErr: () => {} });
  return withTexts(program, OVERVIEW, EXITS);
};

const addCommand = (program: Command, name: CommandName): Command => {
  const { summary, notes, examples, exits }: HelpText = HELP[name];
  const command = program.command(name).summary(summary);
  command.description(notes === undefined ? summary : `${summary}\n\n${notes}`);
  return withTexts(command, examples, exits);
};

/** Gives a command its examples and exit codes, and makes its errors UsageErrors. */
const withTexts = (command: Command, examples: readonly string[], exits: string): Command =>
  command
    .addHelpText("after", ["\nExamples:", ...examples.map((line) => `  ${line}`), `\nExit codes: ${exits}`].join("\n"))
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : usageErrorOf(error, command);
    });

const addSearch = ({ program, language, found }: Building): void => {
  const command = addCommand(program, "search");
  const given = questionOptions(command);
  breakdownOptions(command)
    .option("--deadline <MILLISECONDS>", "longest wait for the banks", wholeNumber("--deadline", 1))
    .option("--snapshot <TOKEN>", "of an earlier answer: ask its banks, for exactly its releases")
    .option("--not-before <TOKEN>", "of an earlier answer: no bank answers from an older release");
  gatewayOptions(command, language).action((options: SearchOptions) => {
    const { deadline: deadlineMs, snapshot, notBefore } = options;
    const variables = { ...questionOf(given, options), deadlineMs, snapshot, notBefore };
    found({ name: "search", variables, ...settingsOf(options) });
  });
};

const addReading = ({ program, language, found }: Building): void => {
  const command = addCommand(program, "reading");
  const given = questionOptions(command);
  gatewayOptions(breakdownOptions(command), language).action((options: BreakdownOptions) => {
    found({ name: "reading", variables: questionOf(given, options), ...settingsOf(options) });
  });
};

const addConcepts = ({ program, language, found }: Building): void => {
  const command = addCommand(program, "concepts")
    .argument("[TEXT...]")
    .optionsGroup("Settings:")
    .option("--under <CODE>", "instead of TEXT: the next level below this code")
    .option("--first <NUMBER>", "codes found (20)", wholeNumber("--first", 1));
  gatewayOptions(command, language).action((words: readonly string[], options: ConceptOptions) => {
    const { under, first } = options;
    const text = words.length === 0 ? undefined : words.join(" ");
    if ((text === undefined) === (under === undefined)) {
      throw wanted("a name, a number or a code after concepts, or --under", text === undefined ? "none" : "both");
    }
    found({ name: "concepts", variables: { text, under, first }, ...settingsOf(options) });
  });
};

const addBanks = ({ program, language, found }: Building): void => {
  gatewayOptions(addCommand(program, "banks"), language).action((options: Settings) => {
    found({ name: "banks", variables: {}, ...settingsOf(options) });
  });
};

const addFields = ({ program, language, found }: Building): void => {
  gatewayOptions(addCommand(program, "fields"), language).action((options: Settings) => {
    found({ name: "fields", variables: {}, ...settingsOf(options) });
  });
};

const addPublish = ({ program, language, found }: Building): void => {
  const command = addCommand(program, "publish")
    .argument("<BANK>")
    .optionsGroup("Settings:")
    .requiredOption("--number <NUMBER>", "number of the release, such as 2026.2: the local API holds it by now")
    .requiredOption("--date <DATE>", "its day, such as 2026-10-01", day)
    .option("--donors <NUMBER>", "donors at most from this release on (the bound in force)", wholeNumber("--donors", 0))
    .option(
      "--samples <NUMBER>",
      "samples at most from this release on (the bound in force)",
      wholeNumber("--samples", 0),
    )
    .option("--purge", "give up what was answered before, although the number may stay")
    .option("--token-file <FILE>", "file with the operator's token (ODAN_OPERATOR_TOKEN_FILE)");
  gatewayOptions(command, language).action((bank: string, options: PublishOptions) => {
    const { number, date, donors = null, samples = null, tokenFile = null } = options;
    const size = donors === null && samples === null ? null : { donors, samples };
    const variables = { bank, release: { number, date, size }, purge: options.purge === true };
    const publishes = { release: `${bank}@${number}`, tokenFile };
    found({ name: "publish", variables, ...settingsOf(options), publishes });
  });
};

const addSubgraph = ({ program, found }: Building): void => {
  const command = addCommand(program, "subgraph").argument("<FILE>");
  command.action((file: string) => found({ name: "subgraph", file }));
};

type Settings = { readonly lang: Language; readonly json?: true; readonly url: string };
type BreakdownOptions = Settings & {
  readonly by?: readonly string[];
  readonly first?: number;
  readonly bank?: readonly string[];
};
type SearchOptions = BreakdownOptions & {
  readonly deadline?: number;
  readonly snapshot?: string;
  readonly notBefore?: string;
};
type ConceptOptions = Settings & { readonly under?: string; readonly first?: number };
type PublishOptions = Settings & {
  readonly number: string;
  readonly date: string;
  readonly donors?: number;
  readonly samples?: number;
  readonly purge?: true;
  readonly tokenFile?: string;
};

const BREAKDOWN = "break the numbers down; two fields make a cross table. Fields";

const breakdownOptions = (command: Command): Command =>
  command
    .optionsGroup("Settings:")
    .option("--by <FIELD[:LEVEL|:CODE][,FIELD]>", `${BREAKDOWN}: ${FIELD_NAMES.join(", ")}`, repeated)
    .option("--first <NUMBER>", "rows of each breakdown (20)", wholeNumber("--first", 1))
    .option("--bank <ID[,ID]>", "ask only this bank", repeated);

const questionOf = (given: readonly Given[], { by, first, bank }: BreakdownOptions) => ({
  where: whereOf(given),
  facets: by?.map((value) => facetOf(value, first)),
  banks: bank?.flatMap((value) => list("bank", value)),
});

/** Adds the options of every command that asks a gateway. */
const gatewayOptions = (command: Command, language: Language): Command =>
  command
    .optionsGroup("Settings:")
    .addOption(
      new Option("--lang <LANG>", "language of the output").choices(["en", "ja"]).default(language, "from LANG"),
    )
    .option("--json", "print the answer as JSON")
    .option("--url <URL>", "gateway to ask; to publish, the bank's subgraph will do", "http://127.0.0.1:4000")
    .helpOption("-h, --help", "print this help");

const settingsOf = ({ lang, json, url }: Settings) => ({
  publishes: null,
  language: lang,
  json: json === true,
  url: endpointOf(url),
});
