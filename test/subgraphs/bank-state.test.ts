import { graphql } from "graphql";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import type { Capabilities } from "../../adapters/local.ts";
import type { Lease } from "../../schema/wire/lease.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { createSubgraph } from "../../subgraphs/serve/subgraph.ts";
import { newFolder } from "../folder.ts";

const logic = { logic: "boolean" } as const;
const CAPABILITIES: Capabilities = {
  counts: ["DONORS", "SAMPLES"],
  donors: logic,
  samples: logic,
  fields: {},
  facets: [],
};
const adapter: Adapter = {
  capabilities: CAPABILITIES,
  release: async () => ({ id: "small@1", date: "2026-04-01", kind: "ANNOUNCED" }),
  count: async (questions) => questions.map(() => ({ donors: { min: 5, max: 5 }, samples: { min: 7, max: 7 } })),
  [Symbol.asyncDispose]: async () => undefined,
};

const yamlOf = (state: string) => `id: small
name: { en: Small Bank }
contact: { name: Office, email: office@small.example }
size: { donors: 100 }
adapter: { kind: tabular }
${state}
release: { announced: true }
disclosure: { off: true }
`;

/** A process of the bank, with this line in its bank.yaml. */
const started = (state: string, stateFolder: string) => {
  const openAdapter = vi.fn(async () => adapter);
  const bank = createSubgraph(parseMapping(yamlOf(state), "bank.yaml", {}), openAdapter, { stateFolder });
  onTestFinished(() => bank[Symbol.asyncDispose]());
  const source = `query($asOf: ID!, $questions: [JSON!]!) {
    self { state size { donors } release { id } }
    lease
    answers(asOf: $asOf, questions: $questions)
    readings(questions: $questions)
  }`;
  const ask = async (asOf: string) => {
    const variableValues = { asOf, questions: [{ v: 1, where: {}, facets: [] }] };
    const { data, errors } = await graphql({ schema: bank.schema, source, variableValues });
    expect(errors).toBeUndefined();
    return data as { readonly lease: Lease; readonly [field: string]: unknown };
  };
  return { ask, openAdapter };
};

describe("the operator's state in bank.yaml", () => {
  test.each([
    ["", "LIVE"],
    ["state: LIVE", "LIVE"],
    ["state: TRIAL", "TRIAL"],
  ])("%j: the bank is %s and answers whoever asks it", async (line, state) => {
    const { ask } = started(line, await newFolder());
    const { lease } = await ask("");
    const { self, answers } = await ask(lease.edition.name);
    expect(self).toMatchObject({ state, release: { id: "small@1" } });
    expect(answers).toMatchObject({ release: { id: "small@1" }, answers: [{ donors: { min: 5, max: 5 } }] });
  });

  test.each([
    ["WITHDRAWN", "BANK_WITHDRAWN", "[small] state: wanted LIVE, got WITHDRAWN"],
    ["PAUSED", "BANK_UNREACHABLE", "[small] state: wanted LIVE, got PAUSED by its operator"],
  ])(
    "%s: neither lease nor answer, even to a lease of before, and the local API is left alone",
    async (state, code, message) => {
      const folder = await newFolder();
      const { lease } = await started("", folder).ask("");
      const closed = started(`state: ${state}`, folder);
      const said = await closed.ask(lease.edition.name);
      const failure = { failure: { code, message, retryAfterMs: null } };
      expect(said).toMatchObject({ lease: failure, answers: { release: null, ...failure } });
      expect(said["self"], "what it is, it still tells").toEqual({
        state,
        size: { donors: 100 },
        release: { id: "small@1" },
      });
      expect(said["readings"]).toMatchObject([{ understanding: [], lostFacets: [] }]);
      expect(closed.openAdapter).not.toHaveBeenCalled();
    },
  );

  test("another word is a mistake in bank.yaml", () => {
    expect(() => parseMapping(yamlOf("state: GONE"), "bank.yaml", {})).toThrow("line 6, state:");
  });
});
