import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { Capabilities } from "../../adapters/local.ts";
import type * as RemoteModule from "../../gateway/banks/over-http.ts";
import type * as GatewayModule from "../../gateway/http/server.ts";
import type { CellCounts } from "../../schema/count.ts";
import { FIELD_NAMES } from "../../schema/fields.ts";
import type * as MappingModule from "../../subgraphs/mapping/mapping.ts";
import type * as ServerModule from "../../subgraphs/serve/server.ts";
import type * as SubgraphModule from "../../subgraphs/serve/subgraph.ts";
import type { LocalDonor } from "../adapters/evaluate.ts";
import { gatewayOf, memoryLog } from "../gateway/fake-subgraph.ts";
import { closeAll, toClose } from "../gateway/started-gateway.ts";
import { ROOT } from "../house/source.ts";
import { memoryAdapter } from "../law/memory-adapter.ts";
import { type CellAsked, type TrueDonor, truthOf, type World } from "../oracle.ts";
import { olderProduct } from "./older.ts";

const older = await olderProduct("wire");
afterAll(older.remove);
afterEach(closeAll);

type Person = {
  readonly sex: string;
  readonly cohort: string;
  readonly types: readonly string[];
  readonly cold: boolean;
};
const person = (sex: string, cohort: string, cold: boolean, ...types: readonly string[]): Person => ({
  sex,
  cohort,
  types,
  cold,
});
const PEOPLE = [
  person("FEMALE", "PATIENT", true, "DNA", "PLASMA"),
  person("FEMALE", "POPULATION", false, "DNA"),
  person("MALE", "PATIENT", true, "DNA", "SERUM"),
  person("MALE", "POPULATION", true),
  person("OTHER", "PATIENT", false, "PLASMA"),
  person("FEMALE", "FAMILY", true, "SERUM"),
  person("MALE", "PATIENT", false, "PLASMA", "DNA"),
];

/** What the bank holds. Its local codes are those of the newer vocabulary; the older mapping explains fewer of them. */
const RECORDED = PEOPLE.map(
  ({ sex, cohort, types, cold }): LocalDonor => ({
    values: { SEX: [sex], COHORT: [cohort] },
    samples: types.map((type) => ({
      values: { SAMPLE_TYPE: [type], STORAGE: [cold ? "LN2" : "ROOM"] },
      age: null,
      year: null,
    })),
  }),
);
const NONE: ReadonlySet<string> = new Set();
const WORLD: World = PEOPLE.map(({ sex, cohort, types, cold }) => ({
  truth: {
    sex,
    cohort,
    family: "NONE",
    centre: null,
    diagnoses: [],
    programmes: [],
    data: [],
    uses: [],
    samples: types.map((type) => ({ type, origin: null, age: 40, year: 2013, storage: cold ? "LN2" : "ROOM" })),
  } satisfies TrueDonor,
  unrecorded: { donor: NONE, samples: types.map(() => NONE) },
}));

const mappingOf = (lists: string): string => `id: bank
name: { en: Bank }
contact: { name: Office, email: office@bank.example }
size: { donors: 100, samples: 500 }
adapter: { kind: tabular }
${lists}
disclosure: { off: true }
`;
const OLDER = mappingOf(`sex: { FEMALE: FEMALE, MALE: MALE }
sampleType: { DNA: DNA, PLASMA: PLASMA }`);
const NEWER = mappingOf(`sex: { FEMALE: FEMALE, MALE: MALE, OTHER: OTHER }
cohort: { PATIENT: PATIENT, POPULATION: POPULATION, FAMILY: FAMILY }
sampleType: { DNA: DNA, PLASMA: PLASMA, SERUM: SERUM }
storage: { LN2: LN2, ROOM: ROOM }
complete: [sex, cohort, sampleType, storage]`);

const plain = { on: ["DONORS", "SAMPLES"], rest: true, several: true } as const;
const capabilities: Capabilities = {
  counts: ["DONORS", "SAMPLES"],
  donors: { logic: "boolean" },
  samples: { logic: "boolean" },
  fields: { SEX: plain, COHORT: plain, SAMPLE_TYPE: plain, STORAGE: plain },
  facets: [...FIELD_NAMES],
};

/** Serves the bank over HTTP as one version does it; gives the address. */
const serveBank = async (root: string, yaml: string): Promise<URL> => {
  const { parseMapping } = (await import(`${root}/subgraphs/mapping/mapping.ts`)) as typeof MappingModule;
  const { createSubgraph } = (await import(`${root}/subgraphs/serve/subgraph.ts`)) as typeof SubgraphModule;
  const { serveSubgraph } = (await import(`${root}/subgraphs/serve/server.ts`)) as typeof ServerModule;
  const refuse = (message: string) => {
    throw new Error(message);
  };
  const bank = createSubgraph(parseMapping(yaml, "bank.yaml", {}), async () =>
    memoryAdapter(RECORDED, capabilities, {}, "same", { kind: "exact" }, refuse),
  );
  const options = { port: 0, host: "127.0.0.1", isToken: () => false, fault: () => undefined };
  const served = await serveSubgraph(bank, options);
  toClose(served.close);
  return new URL(served.url);
};

/** A gateway of one version over a bank at an address. Gives what answers a document of the public contract. */
const gatewayTo = async (root: string, url: URL) => {
  const { overHttp } = (await import(`${root}/gateway/banks/over-http.ts`)) as typeof RemoteModule;
  const { startGateway } = (await import(`${root}/gateway/http/server.ts`)) as typeof GatewayModule;
  const { log } = memoryLog();
  const options = { port: 0, host: "127.0.0.1", cors: [], deadlineMs: 20_000, log };
  const gateway = await startGateway({ ...options, ...gatewayOf([]), banks: [overHttp([url])] });
  toClose(gateway.close);
  return async (query: string, variables: object = {}) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as { readonly data: Data; readonly errors?: readonly unknown[] };
  };
};

type Understanding = { readonly criterion: { readonly path: string }; readonly verdict: string };
type Table = {
  readonly by: string;
  readonly across: string | null;
  readonly cells: readonly {
    readonly by: { readonly value: string };
    readonly across: { readonly value: string } | null;
    readonly counts: CellCounts;
  }[];
};
type BankAnswer = CellCounts & {
  readonly status: string;
  readonly understanding: readonly Understanding[];
  readonly facets: readonly Table[];
};
type Data = {
  readonly search: { readonly complete: boolean; readonly banks: readonly BankAnswer[] };
  readonly reading: { readonly banks: readonly { readonly lostFacets: readonly string[] }[] };
  readonly banks: readonly { readonly id: string; readonly capabilities: { readonly fields: readonly object[] } }[];
};

const COUNTS = "donors { min max because } samples { min max because }";
const SEARCH = `query($where: Where!, $facets: [FacetInput!]) { search(where: $where, facets: $facets) { complete banks {
  status ${COUNTS} understanding { criterion { path } verdict }
  facets { by across cells { by { value } across { value } counts { ${COUNTS} } } } } } }`;

const holds = (found: CellCounts, where: object, cell: CellAsked = []): void => {
  const truth = truthOf(WORLD, where, cell);
  for (const unit of ["donors", "samples"] as const) {
    const { min, max, because } = found[unit];
    const said = `${JSON.stringify({ where, cell })}: ${unit} ${min}..${max}, truth ${truth[unit]}`;
    expect(min <= truth[unit] && (max === null || truth[unit] <= max), said).toBe(true);
    expect(because.length === 0, said).toBe(min === max);
  }
};

const holdsEverywhere = (found: BankAnswer, where: object): void => {
  holds(found, where);
  for (const { by, across, cells } of found.facets) {
    for (const cell of cells) {
      const row = { field: by, value: cell.by.value };
      const column = across === null || cell.across === null ? [] : [{ field: across, value: cell.across.value }];
      holds(cell.counts, where, [row, ...column]);
    }
  }
};

describe("a newer gateway asks an older subgraph", () => {
  test.each<[string, object, string]>([
    ["a criterion", { cohort: ["PATIENT"] }, "cohort"],
    ["a criterion under not", { not: { cohort: ["PATIENT"] } }, "not.cohort"],
    ["an alternative", { any: [{ sex: ["FEMALE"] }, { cohort: ["PATIENT"] }] }, "any[0].cohort"],
    ["one of several", { all: [{ sex: ["FEMALE"] }, { cohort: ["PATIENT"] }] }, "all[0].cohort"],
    ["a value", { sex: ["FEMALE", "OTHER"] }, "sex"],
    ["a value under not", { not: { sex: ["OTHER"] } }, "not.sex"],
    ["a test of a sample", { sample: { type: ["DNA"], storage: ["LN2"] } }, "sample.storage"],
    ["a test of a sample under not", { not: { sample: { storage: ["LN2"] } } }, "not.sample.storage"],
    ["a value of a sample", { any: [{ sample: { type: ["SERUM"] } }, { sex: ["MALE"] }] }, "any[0].sample.type"],
  ])("%s that the subgraph does not know is UNSUPPORTED, and the truth within bounds", async (_, where, path) => {
    const ask = await gatewayTo(ROOT, await serveBank(older.root, OLDER));
    const facets = [{ by: "COHORT" }, { by: "SEX", across: "STORAGE" }, { by: "SAMPLE_TYPE", across: "SEX" }];
    const { data, errors } = await ask(SEARCH, { where, facets });
    expect(errors).toBeUndefined();
    const [found] = data.search.banks;
    expect(found).toMatchObject({ status: "ANSWERED" });
    expect(found?.understanding.find(({ criterion }) => criterion.path === path)?.verdict).toBe("UNSUPPORTED");
    expect([...(found?.donors.because ?? []), ...(found?.samples.because ?? [])]).toContain("CRITERION_UNSUPPORTED");
    holdsEverywhere(found as BankAnswer, where);
  });

  test("what the subgraph knows is counted all the same", async () => {
    const ask = await gatewayTo(ROOT, await serveBank(older.root, OLDER));
    const all = { all: [{ sex: ["FEMALE"] }, { cohort: ["PATIENT"] }] };
    const any = { any: [{ sex: ["FEMALE"] }, { cohort: ["PATIENT"] }] };
    const of = async (where: object) => (await ask(SEARCH, { where })).data.search.banks[0]?.donors;
    // One of those whose sex its mapping does not explain may be female.
    expect(await of(all)).toMatchObject({ min: 0, max: 4 });
    expect(await of(any)).toMatchObject({ min: 3, max: 7 });
  });

  test("a facet that it does not know is lost, and says so beforehand", async () => {
    const ask = await gatewayTo(ROOT, await serveBank(older.root, OLDER));
    const query = `{ reading(where: {}, facets: [{ by: COHORT }, { by: SEX, across: STORAGE }, { by: SEX }]) { banks { lostFacets } } }`;
    expect((await ask(query)).data.reading.banks[0]?.lostFacets).toEqual(["COHORT", "STORAGE"]);
    const { data } = await ask(SEARCH, { where: {}, facets: [{ by: "COHORT" }, { by: "SEX" }] });
    const [cohort, sex] = data.search.banks[0]?.facets ?? [];
    expect(cohort?.cells.map(({ counts }) => counts.donors)).toEqual(
      cohort?.cells.map(() => ({ min: 0, max: 7, because: ["CRITERION_UNSUPPORTED"] })),
    );
    const female = sex?.cells.find(({ by }) => by.value === "FEMALE")?.counts.donors;
    expect(female).toMatchObject({ min: 3, max: 4 });
  });
});

describe("an older gateway asks a newer subgraph", () => {
  test("it is answered in full, and shows the bank without the fields that it does not know", async () => {
    const ask = await gatewayTo(older.root, await serveBank(ROOT, NEWER));
    const where = { all: [{ sex: ["FEMALE"] }, { sample: { type: ["DNA"] } }] };
    const { data, errors } = await ask(SEARCH, { where, facets: [{ by: "SEX" }, { by: "SAMPLE_TYPE" }] });
    expect(errors).toBeUndefined();
    const [found] = data.search.banks;
    expect(found?.understanding.map(({ verdict }) => verdict)).toEqual(["EXACT", "EXACT"]);
    holdsEverywhere(found as BankAnswer, where);
    const banks = await ask("{ banks { id capabilities { fields { field verdict values { value { value } } } } } }");
    expect(banks.errors).toBeUndefined();
    expect(banks.data.banks[0]?.capabilities.fields).toHaveLength(FIELD_NAMES.length - 2);
  });
});
