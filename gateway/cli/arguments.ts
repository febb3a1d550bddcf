import { parseArgs } from "node:util";
import { type Facet, facetOf } from "./facet.ts";
import { COMMANDS, type CommandName, OPERANDS, OPTIONS } from "./options.ts";
import { type Publication, publicationOf } from "./publication.ts";
import { endpointOf } from "./url.ts";
import { UsageError, wanted } from "./usage-error.ts";
import { type Given, list, type Where, whereOf } from "./where.ts";

/** What the line asks for, checked. `banks` null: all of them. */
export type Command = {
  readonly name: CommandName | "help";
  /** Whose help: null for that of all commands. */
  readonly topic: CommandName | null;
  readonly where: Where;
  readonly facets: readonly Facet[];
  readonly banks: readonly string[] | null;
  readonly deadlineMs: number | null;
  /** Tokens of earlier answers. */
  readonly snapshot: string | null;
  readonly notBefore: string | null;
  /** What `concepts` looks for. */
  readonly lookup: Lookup | null;
  /** What `publish` publishes. */
  readonly publication: Publication | null;
  readonly language: "en" | "ja";
  readonly json: boolean;
  readonly url: string;
};

/** Codes by name, number or code (`text`), or the next level down (`under`). `first`: null for the gateway's own default. */
export type Lookup = { readonly text: string | null; readonly under: string | null; readonly first: number | null };

/** Reads the words after `odan`. `lang` is the environment's LANG. @throws {UsageError} */
export const commandOf = (args: readonly string[], lang: string | undefined): Command => {
  const { name, operand, given } = wordsOf(args);
  const last = (option: string): string | undefined => given.findLast((one) => one.name === option)?.value;
  const every = (option: string): readonly string[] =>
    given.filter((one) => one.name === option).map((one) => one.value);
  const help = last("help") !== undefined;
  if (name === undefined && !help) {
    throw new UsageError(`wanted a command (${COMMANDS.join(", ")}), got none. odan --help shows examples.`);
  }
  const first = last("first");
  const deadline = last("deadline");
  const rows = first === undefined ? undefined : number("first", first);
  const banks = every("bank").flatMap((value) => list("bank", value));
  return {
    name: help ? "help" : name!,
    topic: name ?? null,
    where: whereOf(given),
    facets: every("by").map((value) => facetOf(value, rows)),
    banks: banks.length === 0 ? null : banks,
    deadlineMs: deadline === undefined ? null : number("deadline", deadline),
    snapshot: last("snapshot") ?? null,
    notBefore: last("not-before") ?? null,
    lookup: name === "concepts" && !help ? lookupOf(operand, last("under"), rows) : null,
    publication: name === "publish" && !help ? publicationOf(operand, last) : null,
    language: languageOf(last("lang"), lang),
    json: last("json") !== undefined,
    url: endpointOf(last("url") ?? "http://127.0.0.1:4000"),
  };
};

/** The command and its options, each known to it and with a value where it takes one. */
const wordsOf = (
  args: readonly string[],
): {
  readonly name: CommandName | undefined;
  readonly operand: string | undefined;
  readonly given: readonly Given[];
} => {
  const options = Object.fromEntries(
    Object.entries(OPTIONS).map(([name, { value }]) => [
      name,
      { type: value === null ? "boolean" : "string" } as const,
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const first = tokens.find((token) => token.kind === "positional");
  const name = COMMANDS.find((known) => known === first?.value);
  const wants = name === undefined ? undefined : OPERANDS[name];
  const operands = tokens
    .filter((token) => token.kind === "positional" && token !== first)
    .slice(0, wants === undefined ? 0 : wants.endsWith("...") ? undefined : 1);
  const given = tokens.flatMap((token) => {
    if (token.kind === "option") return [optionOf(name, token)];
    if (token.kind === "option-terminator" || (token === first && name !== undefined) || operands.includes(token))
      return [];
    if (name === undefined) throw wanted(`a command (${COMMANDS.join(", ")})`, token.value, COMMANDS);
    throw wanted(`an option of ${name}`, `"${token.value}"`);
  });
  const operand = operands.flatMap((token) => (token.kind === "positional" ? [token.value] : [])).join(" ");
  return { name, operand: operand === "" ? undefined : operand, given };
};

type OptionToken = {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
};

const optionOf = (command: CommandName | undefined, { name, rawName, value, inlineValue }: OptionToken): Given => {
  const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (option === undefined || (command !== undefined && !option.commands.includes(command))) {
    const known = Object.keys(OPTIONS).filter((o) => command === undefined || OPTIONS[o]!.commands.includes(command));
    const elsewhere = option === undefined ? "" : `, which belongs to ${option.commands.join(" and ")}`;
    throw wanted(
      `an option of ${command ?? "odan"}`,
      `${rawName}${elsewhere}`,
      known.map((one) => `--${one}`),
    );
  }
  if (option.value === null) {
    if (value !== undefined) throw wanted(`no value after ${rawName}`, `"${value}"`);
    return { name, value: "" };
  }
  if (value === undefined || value === "") throw wanted(`${option.value} after ${rawName}`, "nothing");
  // Of the tokens, one in thousands begins like an option.
  const meant = inlineValue === true || (option.value === "TOKEN" && !Object.hasOwn(OPTIONS, value.slice(2)));
  if (value.startsWith("--") && !meant) throw wanted(`${option.value} after ${rawName}`, value);
  return { name, value };
};

const lookupOf = (text: string | undefined, under: string | undefined, first: number | undefined): Lookup => {
  if ((text === undefined) === (under === undefined)) {
    throw wanted("a name, a number or a code after concepts, or --under", text === undefined ? "none" : "both");
  }
  return { text: text ?? null, under: under ?? null, first: first ?? null };
};

const number = (name: string, value: string): number => {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw wanted(`a whole number above 0 after --${name}`, `"${value}"`);
};

const languageOf = (asked: string | undefined, lang: string | undefined): "en" | "ja" => {
  if (asked === undefined) return lang?.toLowerCase().startsWith("ja") ? "ja" : "en";
  if (asked === "en" || asked === "ja") return asked;
  throw wanted("en or ja after --lang", asked);
};
