import { FIELD_NAMES } from "../../schema/fields.ts";
import { COMMANDS, type CommandName, OPERANDS, OPTIONS, type Option } from "./options.ts";

const SUMMARY: { readonly [C in CommandName]: string } = {
  search: "count donors and samples in every bank",
  reading: "how each bank would read a question, without counting",
  concepts: "find the code of a disease, and which banks record it",
  banks: "the banks that have joined",
  fields: "what can be asked, and its values",
  publish: "make a release that a bank's local API holds the current one",
  subgraph: "serve one bank, described by its bank.yaml, to any number of gateways",
};

const EXAMPLES: { readonly [C in CommandName]: readonly string[] } = {
  search: [
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
  reading: ["odan reading --disease ICD10:E11 --sample PLASMA --age 40-59"],
  concepts: [
    "odan concepts type 2 diabetes",
    "odan concepts 脊髄性筋萎縮症 --lang ja",
    "odan concepts --under ICD10:E10-E14",
  ],
  banks: ["odan banks --lang ja"],
  fields: ["odan fields"],
  publish: [
    "odan publish bbj --number 2026.2 --date 2026-10-01 --token-file operator.token",
    "# with higher bounds; and straight at the bank's subgraph, while no gateway runs",
    "odan publish bbj --number 2026.2 --date 2026-10-01 --donors 280000 --samples 900000",
    "odan publish bbj --number 2026.2 --date 2026-10-01 --url http://127.0.0.1:4201/",
  ],
  subgraph: ["odan subgraph subgraphs/banks/bbj/bank.yaml"],
};

const RULES = [
  "Criteria hold together. Values joined by commas are alternatives. Two --sample are two samples of one donor;",
  "what follows the colon of a --sample (age=, year=, origin=, storage=) is met by that very sample, and wins over",
  "--age, --year, --origin and --storage, which hold for every --sample, or make one of their own if there is none.",
];

/** What an operator has to know of a command. */
const NOTES: { readonly [C in CommandName]?: readonly string[] } = {
  concepts: [
    "Finds by name, synonym, number or code, in English and Japanese. Behind each code stand the banks that record exactly it, or",
    "only something broader or narrower; banks that cannot hold it are left out. + marks codes with a level below: --under CODE.",
  ],
  publish: [
    "Load the release into the bank's local API first. Publishing takes as long as a lease (ODAN_LEASE_MS, 5 seconds): then no",
    "gateway answers from an older release as fresh. Repeating it is harmless. The token is that of ODAN_OPERATOR_TOKEN_FILE",
    "where the bank's subgraph runs.",
  ],
  subgraph: [
    "Serves until it is told to stop, at HOST and PORT, and prints its URL: name that in the gateways' ODAN_BANKS. It keeps its",
    "release state in ODAN_DATA. Its other settings, in the environment: ODAN_OPERATOR_TOKEN_FILE, ODAN_LEASE_MS, LOG_LEVEL.",
  ],
};

const ROLES = [
  ["criterion", "Criteria"],
  ["condition", "Conditions for the whole line"],
  ["group", "Joining criteria"],
  ["setting", "Settings"],
] as const satisfies readonly (readonly [Option["role"], string])[];

/** The help for one command, or for all of them. */
export const helpText = (topic: CommandName | null): string =>
  (topic === null ? overview() : commandHelp(topic)).join("\n");

const overview = (): readonly string[] => [
  "odan asks every biobank of the federation one question: how many donors and samples like this, and where?",
  "",
  "Usage: odan COMMAND [OPTIONS]    (in this folder: npm run -s odan -- COMMAND [OPTIONS])",
  "",
  "Commands",
  ...COMMANDS.map((name) => `  ${name.padEnd(10)}${SUMMARY[name]}`),
  "",
  "Examples",
  ...EXAMPLES.search.slice(0, 4).map((line) => `  ${line}`),
  ...[EXAMPLES.concepts[0], EXAMPLES.banks[0], EXAMPLES.publish[0], EXAMPLES.subgraph[0]].map((line) => `  ${line}`),
  "",
  "odan COMMAND --help shows the options of a command.",
  "",
  EXITS,
];

const commandHelp = (name: CommandName): readonly string[] => {
  const mine = Object.entries(OPTIONS).filter(([, option]) => option.commands.includes(name));
  const usage = ([option, { value }]: (typeof mine)[number]): string =>
    `--${option}${value === null ? "" : ` ${value}`}`;
  const width = Math.max(...mine.map((one) => usage(one).length));
  const groups = ROLES.flatMap(([role, title]) => {
    const lines = mine.filter(([, option]) => option.role === role);
    return lines.length === 0
      ? []
      : [title, ...lines.map((one) => `  ${usage(one).padEnd(width)}  ${one[1].help}`), ""];
  });
  return [
    `odan ${name}: ${SUMMARY[name]}`,
    "",
    ...(OPERANDS[name] === undefined ? [] : [`Usage: odan ${name} ${OPERANDS[name]} [OPTIONS]`, ""]),
    ...(NOTES[name] === undefined ? [] : [...NOTES[name], ""]),
    ...(mine.some(([, { role }]) => role === "criterion") ? [...RULES, ""] : []),
    ...groups,
    ...(mine.some(([option]) => option === "by") ? [`Fields of --by: ${FIELD_NAMES.join(", ")}`, ""] : []),
    "Examples",
    ...EXAMPLES[name].map((line) => `  ${line}`),
    "",
    exits(name),
  ];
};

const EXITS = "Exit codes: 0 every bank answered, 1 a bank is silent, 2 the question is wrong, 3 no gateway answers.";
const exits = (name: CommandName): string => {
  if (name === "publish")
    return "Exit codes: 0 published, 2 the line, the token or the release is wrong, 3 nobody answers.";
  if (name === "subgraph") return "Exit codes: 0 told to stop, 1 it cannot start, 2 the line is wrong.";
  return EXITS;
};
