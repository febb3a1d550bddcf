import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, isEnumType } from "graphql";
import { expect, test } from "vitest";
import { FAULTS } from "../../schema/faults.ts";
import { extensionsOf, headersOf, refuse } from "../../schema/refusal.ts";
import { PUBLIC_SDL } from "../../schema/sdl.ts";

test("FaultCode of the public contract is the table, row for row", () => {
  const type = buildSchema(PUBLIC_SDL).getType("FaultCode");
  const served = isEnumType(type) ? type.getValues().map(({ name, description }) => [name, description]) : [];
  expect(served).toEqual(Object.entries(FAULTS).map(([code, { says }]) => [code, says.en]));
});

test("every row has a status of HTTP that stands for an error, and words in both languages", () => {
  for (const { status, says, remedy } of Object.values(FAULTS)) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    for (const { en, ja } of [says, remedy]) {
      expect(en).toMatch(/^[A-Zas].*\.$/);
      expect(ja).toMatch(/。$/);
    }
  }
});

test("waiting helps exactly where the status says that something is busy", () => {
  const waiting = Object.entries(FAULTS).filter(([code, { retry }]) => retry && !code.startsWith("BANK_"));
  expect(waiting.map(([code]) => code)).toEqual(["SIGN_IN_UNAVAILABLE", "TOO_MANY_REQUESTS", "OVERLOADED"]);
});

/** Files of the gateway and the subgraphs. */
const sources = (): readonly (readonly [file: string, text: string])[] =>
  ["gateway", "net", "subgraphs"].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => [join(room, name), readFileSync(join(room, name), "utf8")] as const),
  );

// A code is typed where a Refusal is made. A GraphQLError made anywhere else could have any code, or none.
test("errors for askers are made from refusals", () => {
  const files = sources().flatMap(([file, text]) => (/new GraphQLError\(|createGraphQLError/.test(text) ? [file] : []));
  expect(files.sort()).toEqual([
    // Carries what a subgraph has answered to the table's check.
    "gateway/banks/calls.ts",
    // A rule of validation, whose errors get their code like those of GraphQL's own rules.
    "gateway/http/cost/fields-merge.ts",
    "net/serve/refused.ts",
    // Gives codes of the table, by type, to gateways.
    "subgraphs/serve/documents.ts",
  ]);
});

test("a refusal says what its code says, where nothing better is known", () => {
  const { says, remedy } = FAULTS.TOO_DEEP;
  expect(extensionsOf(refuse("TOO_DEEP"))).toEqual({ code: "TOO_DEEP", at: null, says, remedy, suggestions: [] });
});

test.each([
  [1, "1"],
  [1000, "1"],
  [1001, "2"],
  [90_500, "91"],
])("%d ms to wait are Retry-After: %s", (retryAfterMs, header) => {
  expect(headersOf(refuse("OVERLOADED", { retryAfterMs }))).toEqual({ "Retry-After": header });
  expect(headersOf(refuse("OVERLOADED"))).toEqual({});
});

// A browser and a library ask for a token only where the header names the scheme.
test("every 401 names the scheme, and says whether the token that came was wrong", () => {
  for (const [code, { status }] of Object.entries(FAULTS)) {
    const header = headersOf(refuse(code as keyof typeof FAULTS))["WWW-Authenticate"];
    if (status !== 401) expect(header, code).toBeUndefined();
    else expect(header, code).toMatch(/^Bearer realm="odan"(, error="invalid_token")?$/);
  }
  expect(headersOf(refuse("SIGN_IN"))["WWW-Authenticate"]).toContain("invalid_token");
  expect(headersOf(refuse("OPERATOR_ONLY"))["WWW-Authenticate"]).toBe('Bearer realm="odan"');
});
