import { type Command, Option } from "commander";
import { wanted } from "./usage-error.ts";
import type { Given } from "./where.ts";

/** Options whose order counts, in the groups of the help: commander's flags, and what they mean. */
const QUESTION = {
  "Criteria:": [
    ["--disease <CODE[,CODE]>", "has a diagnosis with this code or one below it"],
    ["--sample <TYPE[,TYPE][:CONDITION]>", "has a sample of this type; ANY for any type"],
    ["--sex <FEMALE|MALE|OTHER>", "sex"],
    ["--cohort <POPULATION|PATIENT|FAMILY>", "kind of cohort"],
    ["--family <TRIO|RELATIVE_HELD>", "relatives held by the same bank"],
    ["--data <WGS|WES|SNP_ARRAY|...>", "data at hand"],
    ["--use <ACADEMIC|COMMERCIAL|OVERSEAS>", "use that the consent permits"],
    ["--programme <NAME>", "programme: CANCER_WGS or PROGRAMME:CANCER_WGS"],
    ["--centre <ID>", "centre, such as ncbn/ncgg"],
    ["--where <JSON>", "a raw Where of the GraphQL API"],
  ],
  "Conditions for the whole line:": [
    ["--age <FROM-TO>", "completed years when the sample was collected: 40-59, 40-, -59 or 40"],
    ["--year <FROM-TO>", "year of collection: 2013-2019, 2013-, -2019 or 2013"],
    ["--origin <TUMOUR|NORMAL>", "tissue that the sample came from"],
    ["--storage <MINUS_80|LN2|...>", "storage temperature"],
    ["--no-descendants", "for every --disease: that very code, none below it"],
  ],
  "Joining criteria:": [
    ["--not", "the next criterion (or the --any group) must not hold"],
    ["--any", "of the criteria that follow, up to the next --any, --all or the end, one is enough"],
    ["--all", "ends an --any group: the criteria that follow must all hold again"],
  ],
} as const;

/** Adds the options that make up a question. @returns what the line gives of them, in its order, once it is parsed */
export const questionOptions = (command: Command): readonly Given[] => {
  const given: Given[] = [];
  for (const [group, options] of Object.entries(QUESTION)) {
    command.optionsGroup(group);
    for (const [flags, help] of options) {
      const option = new Option(flags, help);
      const record = (value: string | undefined) => {
        given.push({ name: option.name(), value: value ?? "" });
        return value;
      };
      command.addOption(option.argParser(record));
    }
  }
  return given;
};

/** Makes a missing value of one that is empty, or that is itself an option of the command. */
export const wantValues = (command: Command): void => {
  const flags = ["--help", ...command.options.map(({ long }) => long)];
  for (const option of command.options.filter(({ required }) => required)) {
    const parse = option.parseArg ?? (<T>(value: string) => value as T);
    option.argParser((value, previous) => {
      if (value !== "" && !flags.includes(value)) return parse(value, previous);
      return command.error(`option '${option.flags}' argument missing`);
    });
  }
};

/** Collects the values of an option that may be repeated. */
export const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** A parser of whole numbers of at most nine digits. @param least 0 or 1 */
export const wholeNumber =
  (option: string, least: 0 | 1) =>
  (value: string): number => {
    if (/^\d{1,9}$/.test(value) && Number(value) >= least) return Number(value);
    throw wanted(`a whole number${least === 0 ? "" : " above 0"} after ${option}`, `"${value}"`);
  };

/** Checks the day of a release. */
export const day = (value: string): string => {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(value) ? new Date(value) : new Date(Number.NaN);
  if (!Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)) return value;
  throw wanted("a day such as 2026-10-01 after --date", `"${value}"`);
};

/** The GraphQL endpoint of an http or https address: `/graphql` where it names no path, otherwise the path as given. */
export const endpointOf = (address: string): string => {
  const url = httpUrl(address);
  if (url === null) {
    const near = address.includes("//") ? null : httpUrl(`http://${address}`);
    throw wanted("an http or https address after --url", address, near === null ? undefined : `http://${address}`);
  }
  if (/^\/+(graphql\/+)?$/.test(url.pathname)) url.pathname = "/graphql";
  url.hash = "";
  return url.href;
};

const httpUrl = (address: string): URL | null => {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url !== null && /^https?:$/.test(url.protocol) ? url : null;
};
