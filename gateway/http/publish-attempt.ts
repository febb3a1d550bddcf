import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { type ArgumentNode, Kind, parse, visit } from "graphql";

/** Most bytes of a body, and tokens of a document, that are read for an audit line: a publication has 500 bytes, 50 tokens. */
const MOST_BYTES = 16 * 1024;
const MOST_TOKENS = 500;

/** The bank whose release a request is to publish, `?` where it does not say; null where it publishes none. Reads the body. */
export const bankToPublish = async (request: IncomingMessage): Promise<string | null> => {
  const { method, headers } = request;
  const bytes = Number(headers["content-length"] ?? Number.NaN);
  if (method !== "POST" || !(bytes <= MOST_BYTES) || headers["transfer-encoding"] !== undefined) return null;
  const body = await text(request).catch(() => "");
  return body.includes(FIELD) ? bankIn(body) : null;
};

const FIELD = "publishRelease";
const UNKNOWN = "?";

type Variables = { readonly [name: string]: unknown };

const bankIn = (body: string): string | null => {
  try {
    const { query, variables } = JSON.parse(body) as { readonly query: string; readonly variables?: Variables };
    let bank: string | null = null;
    visit(parse(query, { maxTokens: MOST_TOKENS, noLocation: true }), {
      Field({ name, arguments: given = [] }) {
        if (name.value === FIELD) bank ??= bankOf(given, variables ?? {});
      },
    });
    return bank;
  } catch {
    return UNKNOWN;
  }
};

const bankOf = (given: readonly ArgumentNode[], variables: Variables): string => {
  const value = given.find(({ name }) => name.value === "bank")?.value;
  if (value?.kind === Kind.STRING) return value.value;
  return value?.kind === Kind.VARIABLE ? String(variables[value.name.value] ?? UNKNOWN) : UNKNOWN;
};
