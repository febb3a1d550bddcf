import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { population, recorded } from "../../sandbox/population.ts";
import { beaconSchemas } from "../../sandbox/tmm/beacon-schemas.ts";
import { beaconData } from "../../sandbox/tmm/columns.ts";
import { type BeaconOptions, type BeaconServer, beaconServer } from "../../sandbox/tmm/server.ts";

const donors = Array.from(population("tmm", { size: 0.004 }), (donor) => recorded("tmm", donor));
const data = beaconData(donors);
const check = beaconSchemas();

const servers: BeaconServer[] = [];
const open = async (options: BeaconOptions = {}, served = data) => {
  const server = beaconServer(served, options);
  servers.push(server);
  return { server, url: await server.listen(0) };
};
let url: string;
beforeAll(async () => {
  ({ url } = await open({ release: { number: "2026.1", date: "2026-04-01" } }));
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

type Summary = { exists: boolean; numTotalResults: number; countPrecision?: string; countAdjustedTo?: number[] };
type Answer = {
  meta: { returnedGranularity: string; returnedSchemas: object[]; receivedRequestSummary: object };
  responseSummary: Summary;
  error: { errorCode: number; errorMessage: string };
};
const bodyOf = (filters: readonly object[], query: object = {}): string =>
  JSON.stringify({ meta: { apiVersion: "v2.0.0" }, query: { filters, requestedGranularity: "count", ...query } });
const post = (path: string, body: string, at = url): Promise<Response> =>
  fetch(at + path, { method: "POST", headers: { "content-type": "application/json" }, body });
const ask = async (path: string, filters: readonly object[], query: object = {}, at = url): Promise<Answer> => {
  const answer = (await (await post(path, bodyOf(filters, query), at)).json()) as Answer;
  return answer;
};
const count = async (path: string, filters: readonly object[], query: object = {}, at = url): Promise<number> => {
  const answer = await ask(path, filters, query, at);
  expect(check("responses/beaconCountResponse", answer)).toBeNull();
  return answer.responseSummary.numTotalResults;
};

const PLASMA = { id: "OBI:0100016", scope: "biosample" };
const samplesOf = (chosen: typeof donors) => chosen.flatMap(({ samples }) => samples);
const withDiabetes = donors.filter(({ diagnoses }) => diagnoses.some((code) => /^ICD10:E1[0-4]/.test(code)));

describe("every endpoint answers by its official schema", () => {
  test.each([
    ["", "responses/beaconInfoResponse"],
    ["info", "responses/beaconInfoResponse"],
    ["service-info", "responses/ga4gh-service-info-1-0-0-schema"],
    ["configuration", "responses/beaconConfigurationResponse"],
    ["map", "responses/beaconMapResponse"],
    ["entry_types", "responses/beaconEntryTypesResponse"],
    ["filtering_terms?limit=0", "responses/beaconFilteringTermsResponse"],
    ["individuals/filtering_terms?limit=0", "responses/beaconFilteringTermsResponse"],
    ["biosamples/filtering_terms", "responses/beaconFilteringTermsResponse"],
    ["individuals", "responses/beaconBooleanResponse"],
    ["biosamples?requestedGranularity=count", "responses/beaconCountResponse"],
  ] as const)("GET /%s", async (path, schema) => {
    const response = await fetch(url + path);
    expect(response.status).toBe(200);
    expect(check(schema, await response.json())).toBeNull();
  });

  test("POST to the filtering terms of an entry type", async () => {
    const response = await post("individuals/filtering_terms", JSON.stringify({ meta: { apiVersion: "2.0" } }));
    expect(check("responses/beaconFilteringTermsResponse", await response.json())).toBeNull();
  });

  test("/info names the release, /map absolute addresses", async () => {
    const { response: info } = (await (await fetch(`${url}info`)).json()) as { response: Record<string, string> };
    expect([info["version"], info["updateDateTime"]]).toEqual(["2026.1", "2026-04-01T00:00:00Z"]);
    const { response } = (await (await fetch(`${url}map`)).json()) as {
      response: { endpointSets: Record<string, { entryType: string; rootUrl: string }> };
    };
    const roots = Object.values(response.endpointSets).map(({ entryType, rootUrl }) => [entryType, rootUrl]);
    expect(roots).toEqual([
      ["individual", `${url}individuals`],
      ["biosample", `${url}biosamples`],
    ]);
  });

  test("filtering terms come in pages of ten unless a limit is given; skip counts pages", async () => {
    const page = async (query: string) => {
      const { response } = (await (await fetch(`${url}filtering_terms${query}`)).json()) as {
        response: { filteringTerms: { id: string; scopes: string[]; values?: string[] }[] };
      };
      return response.filteringTerms;
    };
    const all = await page("?limit=0");
    expect(await page("")).toEqual(all.slice(0, 10));
    expect(await page("?skip=2&limit=7")).toEqual(all.slice(14, 21));
    const byId = new Map(all.map((term) => [term.id, term]));
    expect(byId.get("NCIT:C16576")?.scopes).toEqual(["individual", "biosample"]);
    expect(byId.get("collectedYear")?.values).toContain("2013");
    expect(byId.get("ageAtCollection")?.values).toContain("P0Y");
    expect([...byId.keys()]).toEqual(expect.arrayContaining(["ICD10:E10-E14", "ICD10:E11", "ICD10:E11.9", "data:WES"]));
  });
});

describe("counts", () => {
  test("donors and samples, with what lies below a term unless it is told otherwise", async () => {
    const term = { id: "ICD10:E10-E14", scope: "individual" };
    expect(await count("individuals", [])).toBe(donors.length);
    expect(await count("biosamples", [])).toBe(samplesOf(donors).length);
    expect(await count("individuals", [term])).toBe(withDiabetes.length);
    expect(await count("individuals", [{ ...term, includeDescendantTerms: false }])).toBe(0);
    const bare = donors.filter(({ diagnoses }) => diagnoses.includes("ICD10:E11"));
    expect(await count("individuals", [{ id: "ICD10:E11", includeDescendantTerms: false }])).toBe(bare.length);
    const plasma = samplesOf(withDiabetes).filter(({ type }) => type === "PLASMA");
    expect(await count("biosamples", [term, PLASMA])).toBe(plasma.length);
  });

  test("ages as durations and years, by the very biosample counted", async () => {
    const middle = samplesOf(donors).filter(({ age, year }) => age! >= 40 && age! <= 59 && year !== 2015);
    const filters = [
      { id: "ageAtCollection", operator: ">=", value: "P40Y" },
      { id: "ageAtCollection", operator: "<=", value: "P59Y" },
      { id: "collectedYear", operator: "!", value: "2015" },
    ];
    expect(await count("biosamples", filters)).toBe(middle.length);
    const response = await fetch(
      `${url}biosamples?requestedGranularity=count&filters=ageAtCollection:>=P40Y,ageAtCollection<=P59Y,collectedYear:!2015`,
    );
    expect(((await response.json()) as Answer).responseSummary.numTotalResults).toBe(middle.length);
  });

  test("family, programme, data and use", async () => {
    const trios = donors.filter(({ family, data: kinds }) => family === "TRIO" && kinds.includes("WGS"));
    expect(await count("individuals", [{ id: "family:trio" }, { id: "data:WGS" }])).toBe(trios.length);
    const controls = donors.filter((donor) => donor.programmes.includes("PROGRAMME:CONTROL_GROUP"));
    expect(await count("individuals", [{ id: "programme:CONTROL_GROUP" }])).toBe(controls.length);
    expect(await count("individuals", [{ id: "use:overseas" }])).toBe(0);
  });

  test("gives no more than was asked for, never records, and only whether where nothing is asked for", async () => {
    const granularity = async (requestedGranularity: string | undefined, at = url) =>
      (await ask("individuals", [], { requestedGranularity }, at)).meta.returnedGranularity;
    expect(await granularity("record")).toBe("count");
    expect(await granularity("boolean")).toBe("boolean");
    expect(await granularity(undefined)).toBe("boolean");
    const { url: shy } = await open({ granularity: "boolean" });
    expect(await granularity("count", shy)).toBe("boolean");
    const answer = await ask("individuals", [], {}, shy);
    expect(check("responses/beaconBooleanResponse", answer)).toBeNull();
    expect(answer.responseSummary).toEqual({ exists: true });
  });

  test("raises what is below a floor, zero as well, which only `exists` tells; or rounds up", async () => {
    const { url: floored } = await open({ precision: { kind: "floor", to: 20 } });
    const summary = async (id: string, at: string) => (await ask("individuals", [{ id }], {}, at)).responseSummary;
    const imprecise = { numTotalResults: 20, countPrecision: "imprecise", countAdjustedTo: [20] };
    expect(await summary("use:overseas", floored)).toEqual({ exists: false, ...imprecise });
    expect(await summary("ICD10:G10", floored)).toEqual({ exists: true, ...imprecise });
    const { url: rounded } = await open({ precision: { kind: "rounded", to: 10 } });
    expect(await summary("ICD10:G10", rounded)).toMatchObject({ numTotalResults: 10, countPrecision: "rounded" });
  });

  test("changes data and release at once", async () => {
    const { server, url: changing } = await open();
    server.publish(beaconData(donors.slice(0, 7)), { number: "2026.2", date: "2026-05-01" });
    expect(await count("individuals", [], {}, changing)).toBe(7);
    expect(await (await fetch(`${changing}info`)).text()).toContain("2026.2");
    expect(server.asked).toEqual({ individual: 1, biosample: 0 });
  });
});

describe("refuses with the error envelope", () => {
  const refused = async (response: Response): Promise<readonly [number, string]> => {
    const answer = (await response.json()) as Answer;
    expect(check("responses/beaconErrorResponse", answer)).toBeNull();
    expect(answer.error.errorCode).toBe(response.status);
    return [response.status, answer.error.errorMessage];
  };
  test.each([
    [{ id: "ICD10:Z99" }, "Unknown filter ICD10:Z99."],
    [
      { id: "NCIT:C16576", scope: "individuals" },
      "Filter NCIT:C16576 has the scopes individual, biosample, not individuals.",
    ],
    [{ id: "NCIT:C16576", similarity: "high" }, "Filter NCIT:C16576: this beacon has no model of similarity."],
    [{ id: "NCIT:C16576", operator: "=", value: "yes" }, "Filter NCIT:C16576 takes no operator and no value."],
    [{ id: "collectedYear" }, "Filter collectedYear needs one of the operators = < > ! >= <=."],
    [
      { id: "collectedYear", operator: "~", value: "2015" },
      "Filter collectedYear needs one of the operators = < > ! >= <=.",
    ],
    [{ id: "collectedYear", operator: "=", value: "201%" }, 'Filter collectedYear needs a whole number, got "201%".'],
    [
      { id: "ageAtCollection", operator: ">", value: "40" },
      'Filter ageAtCollection needs a value in completed years such as P40Y, got "40".',
    ],
  ])("the filter %j", async (filter, message) => {
    expect(await refused(await post("individuals", bodyOf([filter])))).toEqual([400, message]);
  });

  test.each([
    ["no JSON", "{", 400],
    ["no meta", "{}", 400],
    ["another version", JSON.stringify({ meta: { apiVersion: "v1.0" } }), 400],
    ["filters that are no list", JSON.stringify({ meta: { apiVersion: "v2" }, query: { filters: { id: "x" } } }), 400],
    ["an unknown granularity", bodyOf([], { requestedGranularity: "all" }), 400],
    ["request parameters", bodyOf([], { requestParameters: { datasets: { datasetIds: ["a"] } } }), 400],
    ["too long a body", bodyOf([{ id: "x".repeat(1_100_000) }]), 413],
  ])("%s", async (_, body, status) => {
    expect((await refused(await post("biosamples", body)))[0]).toBe(status);
  });

  test("unknown paths and parameters, other methods and other media", async () => {
    expect((await refused(await fetch(`${url}g_variants`)))[0]).toBe(404);
    expect((await refused(await fetch(`${url}individuals/T0000001`)))[0]).toBe(404);
    expect((await refused(await fetch(`${url}individuals?sex=F`)))[0]).toBe(400);
    expect((await refused(await fetch(`${url}individuals`, { method: "DELETE" })))[0]).toBe(405);
    expect((await refused(await post("info", "{}")))[0]).toBe(405);
    expect((await refused(await fetch(`${url}individuals`, { method: "POST", body: "{}" })))[0]).toBe(415);
  });

  test("filters of the other entry type, where the beacon does not join the two", async () => {
    const { url: apart } = await open({}, beaconData(donors, "own"));
    expect((await refused(await post("biosamples", bodyOf([{ id: "NCIT:C16576" }]), apart)))[0]).toBe(400);
    expect((await refused(await post("individuals", bodyOf([{ id: PLASMA.id }]), apart)))[0]).toBe(400);
    expect(await count("biosamples", [PLASMA], {}, apart)).toBeGreaterThan(0);
  });
});

test("faults can be switched on and off", async () => {
  const { server, url: faulty } = await open();
  const quick = { signal: AbortSignal.timeout(300) };
  server.faults.down = true;
  await expect(fetch(`${faulty}info`)).rejects.toThrow("fetch failed");
  server.faults.down = false;
  server.faults.silent = true;
  await expect(fetch(`${faulty}info`, quick)).rejects.toThrow("timeout");
  server.faults.silent = false;
  server.faults.garbage = "page";
  await expect((await fetch(`${faulty}info`)).json()).rejects.toThrow("JSON");
  server.faults.garbage = "cut";
  await expect(fetch(`${faulty}info`).then((response) => response.text())).rejects.toThrow("terminated");
  delete server.faults.garbage;
  server.faults.busySeconds = 3;
  const busy = await fetch(`${faulty}info`);
  expect([busy.status, busy.headers.get("retry-after")]).toEqual([503, "3"]);
  delete server.faults.busySeconds;
  server.faults.wrongCount = () => "many";
  expect((await ask("individuals", [], {}, faulty)).responseSummary.numTotalResults).toBe("many");
  delete server.faults.wrongCount;
  server.faults.delayMs = 60;
  const begun = performance.now();
  await fetch(`${faulty}info`);
  expect(performance.now() - begun).toBeGreaterThan(55);
});
