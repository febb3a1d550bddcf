import type { Command } from "commander";
import type { Tier } from "../askers/asker.ts";
import { TOKEN_DAYS } from "../limits.ts";
import { withUsageErrors } from "./help-texts.ts";
import { wholeNumber } from "./options.ts";
import { wanted } from "./usage-error.ts";

/** What `odan token` is to do. */
export type TokenLine = {
  readonly name: "token";
  readonly order:
    | {
        readonly do: "issue";
        readonly tier: Exclude<Tier, "ANONYMOUS">;
        readonly holder: string;
        readonly days: number;
      }
    | { readonly do: "list"; readonly json: boolean }
    | { readonly do: "revoke"; readonly which: string };
};

/** Adds the commands below `odan token`. `found` takes what the line wants. */
export const addTokens = (command: Command, found: (line: TokenLine) => void): void => {
  const add = (name: string, summary: string): Command =>
    withUsageErrors(command.command(name).summary(summary).description(summary));
  const issue = (tier: Exclude<Tier, "ANONYMOUS">, holderOf: (text: string) => string) => (text: string, given: Days) =>
    found({ name: "token", order: { do: "issue", tier, holder: holderOf(text), days: daysOf(given) } });

  withDays(add("researcher", "issue the token of a registered researcher; it is printed this once"))
    .argument("<NAME>", "of the researcher, for the list")
    .action(issue("REGISTERED", personName));
  withDays(add("operator", "issue the token of a bank's operator; it is printed this once"))
    .argument("<BANK>", "id of the bank, taken or not yet taken")
    .action(issue("OPERATOR", bankId));
  add("list", "list the tokens, never what they are")
    .option("--json", "print the list as JSON")
    .action(({ json = false }: { json?: boolean }) => found({ name: "token", order: { do: "list", json } }));
  add("revoke", "revoke a token, or all tokens of one name")
    .argument("<ID|NAME>", "as listed")
    .action((which: string) => found({ name: "token", order: { do: "revoke", which } }));
};

type Days = { readonly days?: number };

const withDays = (command: Command): Command =>
  command.option("--days <NUMBER>", `days until it expires (${TOKEN_DAYS.usual})`, wholeNumber("--days", 1));

const daysOf = ({ days = TOKEN_DAYS.usual }: Days): number => {
  if (days <= TOKEN_DAYS.longest) return days;
  throw wanted(`1 to ${TOKEN_DAYS.longest} after --days`, String(days));
};

/** Most characters of a name. */
const LONGEST = 80;

const personName = (text: string): string => {
  const name = text.normalize("NFC").trim();
  if (name !== "" && name.length <= LONGEST && !/\p{C}/u.test(name)) return name;
  throw wanted(`a name of 1 to ${LONGEST} characters, without line breaks`, JSON.stringify(text.slice(0, LONGEST)));
};

const bankId = (text: string): string => {
  if (/^[a-z][a-z0-9-]{0,31}$/.test(text)) return text;
  throw wanted("the id of a bank, small letters, digits and -, such as bbj", JSON.stringify(text.slice(0, LONGEST)));
};
