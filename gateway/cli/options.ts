/** Commands that ask a gateway, in the order of the help. */
const ASKING = ["search", "reading", "concepts", "banks", "fields", "publish"] as const;
/** All of them: `subgraph` serves instead of asking, so it has arguments and help here and nothing else. */
export const COMMANDS = [...ASKING, "subgraph"] as const;
export type CommandName = (typeof COMMANDS)[number];
export type AskingName = (typeof ASKING)[number];

/** What a command wants beside its options, as the help spells it: one word, or several where it ends in dots. */
export const OPERANDS: { readonly [C in CommandName]?: string } = {
  concepts: "TEXT...",
  publish: "BANK",
  subgraph: "FILE",
};

/**
 * What an option does.
 * - `criterion`: one condition of the question, in its place among the others.
 * - `condition`: holds for every `--sample` of the line.
 * - `group`: how the criteria that follow are joined.
 * - `setting`: everything else; its place does not matter.
 */
export type Option = {
  readonly role: "criterion" | "condition" | "group" | "setting";
  /** What the value looks like in the help; null where the option takes none. */
  readonly value: string | null;
  readonly commands: readonly CommandName[];
  readonly help: string;
};

const ASK: readonly CommandName[] = ["search", "reading"];
const criterion = (value: string, help: string): Option => ({ role: "criterion", value, commands: ASK, help });
const condition = (value: string, help: string): Option => ({ role: "condition", value, commands: ASK, help });
const group = (help: string): Option => ({ role: "group", value: null, commands: ASK, help });
const setting = (value: string | null, help: string, commands = ASKING as readonly CommandName[]): Option => ({
  role: "setting",
  value,
  commands,
  help,
});

/** Every option by its name without the dashes: the help prints this table, and nothing else is accepted. */
export const OPTIONS: { readonly [name: string]: Option } = {
  disease: criterion("CODE[,CODE]", "has a diagnosis with this code or one below it"),
  sample: criterion("TYPE[,TYPE][:CONDITION]", "has a sample of this type; ANY for any type"),
  sex: criterion("FEMALE|MALE|OTHER", "sex"),
  cohort: criterion("POPULATION|PATIENT|FAMILY", "kind of cohort"),
  family: criterion("TRIO|RELATIVE_HELD", "relatives held by the same bank"),
  data: criterion("WGS|WES|SNP_ARRAY|...", "data at hand"),
  use: criterion("ACADEMIC|COMMERCIAL|OVERSEAS", "use that the consent permits"),
  programme: criterion("NAME", "programme: CANCER_WGS or PROGRAMME:CANCER_WGS"),
  centre: criterion("ID", "centre, such as ncbn/ncgg"),
  where: criterion("JSON", "a raw Where of the GraphQL API"),

  age: condition("FROM-TO", "completed years when the sample was collected: 40-59, 40-, -59 or 40"),
  year: condition("FROM-TO", "year of collection: 2013-2019, 2013-, -2019 or 2013"),
  origin: condition("TUMOUR|NORMAL", "tissue that the sample came from"),
  storage: condition("MINUS_80|LN2|...", "storage temperature"),
  "no-descendants": {
    role: "condition",
    value: null,
    commands: ASK,
    help: "for every --disease: that very code, none below it",
  },

  not: group("the next criterion (or the --any group) must not hold"),
  any: group("of the criteria that follow, up to the next --any, --all or the end, one is enough"),
  all: group("ends an --any group: the criteria that follow must all hold again"),

  by: setting("FIELD[:LEVEL|:CODE][,FIELD]", "break the numbers down; two fields make a cross table", ASK),
  first: setting("NUMBER", "rows of each breakdown, or codes found (20)", [...ASK, "concepts"]),
  under: setting("CODE", "instead of TEXT: the next level below this code", ["concepts"]),
  bank: setting("ID[,ID]", "ask only this bank", ASK),
  deadline: setting("MILLISECONDS", "longest wait for the banks", ["search"]),
  snapshot: setting("TOKEN", "of an earlier answer: ask its banks, for exactly its releases", ["search"]),
  "not-before": setting("TOKEN", "of an earlier answer: no bank answers from an older release", ["search"]),

  number: setting("NUMBER", "number of the release, such as 2026.2: the local API holds it by now", ["publish"]),
  date: setting("DATE", "its day, such as 2026-10-01", ["publish"]),
  donors: setting("NUMBER", "donors at most from this release on (the bound in force)", ["publish"]),
  samples: setting("NUMBER", "samples at most from this release on (the bound in force)", ["publish"]),
  purge: setting(null, "give up what was answered before, although the number may stay", ["publish"]),
  "token-file": setting("FILE", "file with the operator's token (ODAN_OPERATOR_TOKEN_FILE)", ["publish"]),

  lang: setting("en|ja", "language of the output (from LANG)"),
  json: setting(null, "print the answer as JSON"),
  url: setting("URL", "gateway to ask (http://127.0.0.1:4000); to publish, the bank's subgraph will do"),
  help: setting(null, "print this help", COMMANDS),
};
