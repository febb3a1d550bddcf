import type { Command } from "commander";
import { usageErrorOf } from "./usage-error.ts";

/** What the help says of one command, beside its options. */
export type HelpText = {
  readonly summary: string;
  /** Paragraphs below the summary. */
  readonly notes?: string;
  /** Lines as typed, and comments that begin with `#`. */
  readonly examples: readonly string[];
  /** Exit codes; default: EXITS. */
  readonly exits?: string;
};

const EXITS = "0 every bank answered, 1 a bank is silent, 2 the question is wrong, 3 no gateway answers.";

const CRITERIA = [
  "Criteria hold together. Values joined by commas are alternatives. Two --sample are two samples of one donor; what follows",
  "the colon of a --sample (age=, year=, origin=, storage=) is met by that very sample, and wins over --age, --year, --origin",
  "and --storage, which hold for every --sample, or make one of their own if there is none.",
].join(" ");

/** The commands, in the order of the help. */
export const HELP = {
  search: {
    summary: "count donors and samples in every bank",
    notes: CRITERIA,
    examples: [
      "# women with type 2 diabetes who gave plasma and DNA (two samples of one donor)",
      "odan search --disease ICD10:E11 --sex FEMALE --sample PLASMA --sample DNA",
      "# plasma or serum collected at 40 to 59, from 2013 on: one and the same sample",
      "odan search --sample PLASMA,SERUM:age=40-59:year=2013-",
      "# the same age for every sample asked for",
      "odan search --sample PLASMA --sample DNA --age 40-59",
      "# diabetes without lung cancer",
      "odan search --disease ICD10:E10-E14 --not --disease ICD10:C34",
      "# whole genomes, and one of: a tumour sample, a complete trio",
      "odan search --data WGS --any --sample ANY:origin=TUMOUR --family TRIO",
      "# neither of two, then one more that must hold",
      "odan search --not --any --cohort PATIENT --disease ICD10:C34 --all --use COMMERCIAL",
      "# broken down: by sex; the diseases below a code; sex against sample type",
      "odan search --by SEX --by DISEASE:ICD10:E10-E14 --by SEX,SAMPLE_TYPE",
    ],
  },
  reading: {
    summary: "how each bank would read a question, without counting",
    notes: CRITERIA,
    examples: ["odan reading --disease ICD10:E11 --sample PLASMA --age 40-59"],
  },
  concepts: {
    summary: "find the code of a disease, and which banks record it",
    notes: [
      "Finds by name, synonym, number or code, in English and Japanese. Beside each code stand the banks that record exactly it, or",
      "only something broader or narrower; banks that cannot record it are left out. + marks codes with a level below: --under CODE.",
    ].join(" "),
    examples: [
      "odan concepts type 2 diabetes",
      "odan concepts 脊髄性筋萎縮症 --lang ja",
      "odan concepts --under ICD10:E10-E14",
    ],
  },
  find: {
    summary: "find anything that can be asked by its name",
    notes: [
      "Finds diseases, sample types, data, storage, permitted use, programmes, centres and banks by the names that people use, in",
      "English and Japanese, with typing errors too. Beside each stand the banks that record it.",
    ].join(" "),
    examples: ["odan find heart attack", "odan find 血漿 --lang ja", "odan find frozen tissue"],
  },
  banks: { summary: "the banks that have joined", examples: ["odan banks --lang ja"] },
  fields: { summary: "what can be asked, and its values", examples: ["odan fields"] },
  publish: {
    summary: "make a release that a bank's local API holds the current one",
    notes: [
      "Load the release into the bank's local API first. Publishing takes as long as a lease (ODAN_LEASE_MS, 5 seconds): then no",
      "gateway answers from an older release as fresh. Repeating it is harmless. The token is the one that odan token operator BANK",
      "issued, or that of ODAN_OPERATOR_TOKEN_FILE where the bank's subgraph runs.",
    ].join(" "),
    examples: [
      "odan publish bbj --number 2026.2 --date 2026-10-01 --token-file operator.token",
      "# with higher bounds; and straight at the bank's subgraph, while no gateway runs",
      "odan publish bbj --number 2026.2 --date 2026-10-01 --donors 280000 --samples 900000",
      "odan publish bbj --number 2026.2 --date 2026-10-01 --url http://127.0.0.1:4201/",
    ],
    exits: "0 published, 2 the line, the token or the release is wrong, 3 nobody answers.",
  },
  subgraph: {
    summary: "serve one bank, described by its bank.yaml, to any number of gateways",
    notes: [
      "Serves until it is stopped, at HOST and PORT, and prints its URL: name that in the gateways' ODAN_BANKS. It keeps its release",
      "state in ODAN_DATA. Its other settings, in the environment: ODAN_OPERATOR_TOKEN_FILE, ODAN_LEASE_MS, LOG_LEVEL. Where others",
      "than this machine reach it, it answers gateways by their keys alone: ODAN_GATEWAY_KEYS.",
    ].join(" "),
    examples: ["odan subgraph subgraphs/banks/bbj/bank.yaml"],
    exits: "0 stopped, 1 it cannot start, 2 the line is wrong.",
  },
  bank: {
    summary: "check a bank before it joins: odan bank check bank.yaml",
    notes: [
      "Opens the local API with the credentials and the settings of bank.yaml and tells everything at once: what is wrong, where, and",
      "what to do; and how much of each field the mapping understands. Raw counts and values of the bank stand in what it prints:",
      "they are for the operator's own terminal.",
    ].join(" "),
    examples: ["odan bank check bank.yaml", "odan bank check bank.yaml --json"],
    exits: "0 no errors, 1 errors: the bank may not join, 2 it could not be checked, or the line is wrong.",
  },
  key: {
    summary: "print the public key of a bank, for the gateways that ask it",
    notes: [
      "Run it where the bank's subgraph runs. The federation pins the key in its ODAN_BANKS: ID=https://HOST:PORT/#KEY. The private",
      "key is in FILE, else in ODAN_BANK_KEY_FILE, else in bank.key in ODAN_DATA, and is made there where it is missing.",
    ].join(" "),
    examples: ["odan key", "# the next one, before it replaces the first", "odan key next.key"],
    exits: "0 printed, 1 the key cannot be read, 2 the line is wrong.",
  },
  token: {
    summary: "issue, list and revoke the tokens of a federation, on the machine of its gateway",
    notes: [
      "Whoever can run this where the gateways keep their state (ODAN_DATA or ODAN_STATE_URL, with ODAN_KEY_FILE) is the",
      "federation's administrator. A running gateway takes a new token, and no longer takes a revoked one, within 5 seconds.",
      "Only the token itself goes to stdout: send it to a file that nobody else can read.",
    ].join(" "),
    examples: [
      "odan token researcher Hanako_Sato --days 30",
      "# for a bank that has joined, or that is about to",
      "odan token operator bbj",
      "odan token list",
      "odan token revoke Hanako_Sato",
    ],
    exits: "0 done, 1 the state cannot be read or written, 2 the line is wrong.",
  },
} as const satisfies { readonly [command: string]: HelpText };

export type CommandName = keyof typeof HELP;

/** Examples of the help of all commands. */
export const OVERVIEW = [
  ...HELP.search.examples.slice(0, 4),
  HELP.concepts.examples[0],
  HELP.banks.examples[0],
  HELP.publish.examples[0],
  HELP.subgraph.examples[0],
  HELP.token.examples[2],
];

/** Gives a command its examples and exit codes, and makes its errors UsageErrors. */
export const withTexts = (command: Command, examples: readonly string[], exits: string = EXITS): Command =>
  withUsageErrors(command).addHelpText(
    "after",
    ["\nExamples:", ...examples.map((line) => `  ${line}`), `\nExit codes: ${exits}`].join("\n"),
  );

/** Makes the errors of a command UsageErrors. */
export const withUsageErrors = (command: Command): Command =>
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : usageErrorOf(error, command);
  });
