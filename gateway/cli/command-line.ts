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
  readonly variables: Variables;
  /** The release that `publish` publishes, `bbj@2026.2`; null for the other commands. */
  readonly publishes: string | null;
  /** File with the operator's token; null: the one that the environment names. */
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
  addCommands({ program, language, found: (line) => lines.push(line) });
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
  return withTexts(program, OVERVIEW, EXITS);
};

const addCommand = (program: Command, name: CommandName): Command => {
  const { summary, notes = "", examples, exits }: HelpText = HELP[name];
  const command = program.command(name).summary(summary).description(`${summary}\n\n${notes}`.trimEnd());
  return withTexts(command, examples, exits);
};

/** Gives a command its examples and exit codes, and makes its errors UsageErrors. */
const withTexts = (command: Command, examples: readonly string[], exits: string): Command =>
  command
    .addHelpText("after", ["\nExamples:", ...examples.map((line) => `  ${line}`), `\nExit codes: ${exits}`].join("\n"))
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : usageErrorOf(error, command);
    });

type Building = {
  readonly program: Command;
  /** Of the output, where the line does not choose one. */
  readonly language: Language;
  readonly found: (line: Line) => void;
};

const addCommands = (building: Building): void => {
  const { program, found } = building;
  addSearch(building);
  addReading(building);
  addConcepts(building);
  asking(building, addCommand(program, "banks"), () => ({}));
  asking(building, addCommand(program, "fields"), () => ({}));
  addPublish(building);
  const subgraph = addCommand(program, "subgraph").argument("<FILE>");
  subgraph.action((file: string) => found({ name: "subgraph", file }));
};

const addSearch = (building: Building): void => {
  const command = addCommand(building.program, "search");
  const given = questionOptions(command);
  breakdownOptions(command)
    .option("--deadline <MILLISECONDS>", "longest wait for the banks", wholeNumber("--deadline", 1))
    .option("--snapshot <TOKEN>", "of an earlier answer: ask its banks, for exactly its releases")
    .option("--not-before <TOKEN>", "of an earlier answer: no bank answers from an older release");
  asking(building, command, (options) => {
    const { deadline: deadlineMs, snapshot, notBefore } = options;
    return { ...questionOf(given, options), deadlineMs, snapshot, notBefore };
  });
};

const addReading = (building: Building): void => {
  const command = addCommand(building.program, "reading");
  const given = questionOptions(command);
  asking(building, breakdownOptions(command), (options) => questionOf(given, options));
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

const addConcepts = (building: Building): void => {
  const command = addCommand(building.program, "concepts")
    .argument("[TEXT...]")
    .optionsGroup("Settings:")
    .option("--under <CODE>", "instead of TEXT: the next level below this code")
    .option("--first <NUMBER>", "codes found (20)", wholeNumber("--first", 1));
  asking(building, command, ({ under, first }) => {
    const text = command.args.join(" ") || undefined;
    if ((text === undefined) === (under === undefined)) {
      throw wanted("a name, a number or a code after concepts, or --under", text === undefined ? "none" : "both");
    }
    return { text, under, first };
  });
};

const addPublish = (building: Building): void => {
  const command = addCommand(building.program, "publish")
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
  asking(building, command, ({ number, date, donors = null, samples = null, purge = false }) => {
    const size = donors === null && samples === null ? null : { donors, samples };
    return { bank: command.args[0], release: { number, date, size }, purge };
  });
};

/** Values of options, as far as the command has them and the line gives them. */
type Options = {
  readonly lang: Language;
  readonly json?: boolean;
  readonly url: string;
  readonly by?: readonly string[];
  readonly first?: number;
  readonly bank?: readonly string[];
  readonly deadline?: number;
  readonly snapshot?: string;
  readonly notBefore?: string;
  readonly under?: string;
  readonly number?: string;
  readonly date?: string;
  readonly donors?: number;
  readonly samples?: number;
  readonly purge?: boolean;
  readonly tokenFile?: string;
};

/** Makes a command ask a gateway. @param variablesOf variables of its document, from the options of the line */
const asking = (
  { language, found }: Building,
  command: Command,
  variablesOf: (options: Options) => Variables,
): void => {
  command
    .optionsGroup("Settings:")
    .addOption(
      new Option("--lang <LANG>", "language of the output").choices(["en", "ja"]).default(language, "from LANG"),
    )
    .option("--json", "print the answer as JSON")
    .option("--url <URL>", "gateway to ask; to publish, the bank's subgraph will do", "http://127.0.0.1:4000")
    .helpOption("-h, --help", "print this help")
    .action(() => {
      const options = command.opts<Options>();
      const { lang, json = false, url, number, tokenFile = null } = options;
      found({
        name: command.name() as AskingName,
        variables: variablesOf(options),
        publishes: number === undefined ? null : `${command.args[0]}@${number}`,
        tokenFile,
        language: lang,
        json,
        url: endpointOf(url),
      });
    });
  wantValues(command);
};
