import path from "node:path";
import { type IssuedToken, issuedTokens, issueToken, revokeTokens, type TokenStore } from "../askers/issued-tokens.ts";
import { createLog } from "../log.ts";
import { readKeys } from "../secrets/keys.ts";
import { ConfigError, readConfig } from "../settings/config.ts";
import { openState, StateAway, type StateStore } from "../state/state.ts";
import { clean } from "./print/clean.ts";
import { table } from "./print/table.ts";
import { viewOf } from "./print/view.ts";
import type { Surroundings } from "./surroundings.ts";
import type { TokenLine } from "./token-commands.ts";
import { wanted } from "./usage-error.ts";

type Order = TokenLine["order"];

/**
 * Carries out `odan token` on the state of the federation. Only the token itself, or the list, goes to stdout.
 * @returns the exit code: 1 where the state cannot be read or written @throws {UsageError} where nothing can be revoked
 */
export const runToken = async (order: Order, surroundings: Surroundings): Promise<number> => {
  const { env, complain } = surroundings;
  try {
    const config = readConfig(env);
    const keys = await readKeys(config.keyFile);
    const store = await openState(config, keys.state, createLog("silent"));
    try {
      const place = config.stateUrl === null ? path.resolve(config.data) : "ODAN_STATE_URL";
      if (order.do !== "list") complain(`odan: the state is that of ${place}`);
      requireCopy(store, complain);
      await carryOut(order, store, surroundings);
    } finally {
      await store[Symbol.asyncDispose]();
    }
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StateAway)) throw error;
    complain(`odan: ${error.message}`);
    return 1;
  }
};

/** Says where the tokens may be others by now. @throws {ConfigError} where none are known */
const requireCopy = ({ status }: StateStore, complain: Surroundings["complain"]): void => {
  const { copy } = status();
  if (copy === "NONE")
    throw new ConfigError("ODAN_STATE_URL is out of reach, and ODAN_DATA has no copy of its tokens.");
  if (copy === "OLD")
    complain("odan: the state store is out of reach. These are the tokens of the last copy in ODAN_DATA");
};

const carryOut = async (order: Order, store: TokenStore, { print, complain, colours }: Surroundings): Promise<void> => {
  switch (order.do) {
    case "issue": {
      const { text, token } = await issueToken(store, { tier: order.tier, name: order.holder, days: order.days });
      complain(`odan: ${whose(token)}, good until ${dayOf(token.expires)}. It is shown this once.`);
      return print(text);
    }
    case "list": {
      const tokens = issuedTokens(store);
      return print(order.json ? JSON.stringify(tokens, null, 2) : tokenLines(tokens, colours).join("\n"));
    }
    case "revoke": {
      const tokens = namedTokens(issuedTokens(store), order.which);
      await revokeTokens(
        store,
        tokens.map(({ id }) => id),
      );
      for (const token of tokens) complain(`odan: revoked ${whose(token)}. Gateways refuse it within 5 seconds.`);
    }
  }
};

/** The tokens of an id or a name. @throws {UsageError} if there is no such token, or the name has tokens of two kinds */
const namedTokens = (tokens: readonly IssuedToken[], which: string): readonly IssuedToken[] => {
  const byId = tokens.filter(({ id }) => id === which);
  const named = byId.length > 0 ? byId : tokens.filter(({ name }) => name === which.normalize("NFC").trim());
  if (named.length === 0) throw wanted("an id or a name of odan token list", JSON.stringify(which.slice(0, 80)));
  if (new Set(named.map(({ tier }) => tier)).size === 1) return named;
  throw wanted(`an id, since a researcher and a bank have this name (${named.map(whose).join("; ")})`, which);
};

const whose = ({ id, tier, name }: IssuedToken): string =>
  `token ${id} of ${tier === "OPERATOR" ? "the operator of bank" : "researcher"} ${clean(name)}`;

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

const tokenLines = (tokens: readonly IssuedToken[], colours: boolean): readonly string[] =>
  tokens.length === 0
    ? ["No token was issued."]
    : table(
        [
          { title: "Id", cell: ({ id }) => id },
          { title: "Tier", cell: ({ tier }) => tier },
          { title: "Name", cell: ({ name }) => clean(name) },
          { title: "Issued", cell: ({ issued }) => dayOf(issued) },
          { title: "Expires", cell: ({ expires }) => dayOf(expires) },
          { title: "State", cell: ({ expires }) => (expires.getTime() > Date.now() ? "good" : "expired") },
        ],
        tokens,
        viewOf("en", colours),
      );
