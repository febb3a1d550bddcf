import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { population, recorded } from "../../sandbox/population.ts";
import { type FhirDonor, fhirDonor } from "../../sandbox/rare/donors.ts";
import { type FhirServer, type FhirServerOptions, fhirServer } from "../../sandbox/rare/server.ts";

const records = Array.from(population("rare", { size: 0.1 }), (donor) => recorded("rare", donor));
const DONORS = records.map(fhirDonor);

const servers: FhirServer[] = [];
const open = async (donors: readonly FhirDonor[] = DONORS, options: FhirServerOptions = {}) => {
  const server = fhirServer(donors, options);
  servers.push(server);
  return { server, url: await server.listen(0) };
};
let url: string;
beforeAll(async () => {
  ({ url } = await open());
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

type Bundle = {
  readonly type: string;
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly resource: { readonly id: string } }[];
};
const STRICT = { prefer: "handling=strict" };
const get = (path: string, headers = {}, at = url): Promise<Response> => fetch(`${at}/${path}`, { headers });
const bundle = async (path: string, at = url): Promise<Bundle> =>
  (await get(path, STRICT, at)).json() as Promise<Bundle>;
const total = async (path: string, at = url): Promise<number> => {
  const response = await get(`${path}${path.includes("?") ? "&" : "?"}_summary=count`, STRICT, at);
  const { total: found, issue } = (await response.json()) as { total?: number; issue?: unknown };
  if (found === undefined) throw new Error(JSON.stringify(issue));
  return found;
};

const CODES = "https://rare.example/fhir/CodeSystem";
const has = (of: string, test: (donor: (typeof records)[number]) => boolean) => ({ of, donors: records.filter(test) });
const samples = records.flatMap((donor) => donor.samples.map((sample) => ({ ...sample, donor })));
const ids = records.map(({ id }) => id);
const [number = ""] = records.flatMap(({ diagnoses }) => diagnoses.filter((code) => code.startsWith("NANBYO:")));
const notice = number.replace("NANBYO:", "");
const isIll = ({ diagnoses }: (typeof records)[number]) => diagnoses.includes(number);
const holds = (type: string) => (donor: (typeof records)[number]) => donor.samples.some((one) => one.type === type);

describe("search selects by the standard", () => {
  test.each([
    has("Patient", () => true),
    has("Patient?gender=female", ({ sex }) => sex === "FEMALE"),
    has("Patient?gender=female,male", ({ sex }) => sex === "FEMALE" || sex === "MALE"),
    has("Patient?gender=female&gender=male", () => false),
    has("Patient?gender:missing=true", ({ sex }) => sex === null),
    has("Patient?gender:not=female", ({ sex }) => sex !== "FEMALE"),
    has(`Patient?cohort=${CODES}/cohort|patient`, ({ cohort }) => cohort === "PATIENT"),
    has(`Patient?cohort=${CODES}/cohort|`, () => true),
    has("Patient?cohort=|patient", () => false),
    has("Patient?cohort=https://elsewhere.example|patient", () => false),
    has(`Patient?_has:Condition:patient:code=${CODES}/nanbyo|${notice}`, isIll),
    has(`Patient?_has:Condition:subject:code=${CODES}/nanbyo|${notice},other`, isIll),
    has("Patient?_has:Specimen:patient:type=plasma", holds("PLASMA")),
    has("Patient?_has:Specimen:patient:type=plasma&_has:Specimen:patient:type=serum", (donor) =>
      [holds("PLASMA"), holds("SERUM")].every((one) => one(donor)),
    ),
    has("Patient?_has:Specimen:patient:age-at-collection=ge60", (donor) =>
      donor.samples.some(({ age }) => age !== null && age >= 60),
    ),
    has(`Patient?_id=${ids[0]},${ids[2]},nobody`, ({ id }) => [ids[0], ids[2]].includes(id)),
    has(`Patient?_id=|${ids[1]}`, ({ id }) => id === ids[1]),
    has(`Patient?_id=${CODES}/any|${ids[1]}`, () => false),
    has(`Patient?_id:not=${ids[1]}`, ({ id }) => id !== ids[1]),
    has("Patient?_id:missing=true", () => false),
    has(`Patient?_id=${ids[1]}&gender:missing=false`, ({ id, sex }) => id === ids[1] && sex !== null),
  ])("$of", async ({ of, donors }) => {
    expect(await total(of)).toBe(donors.length);
  });

  test.each([
    ["Specimen?type=dna", samples.filter(({ type }) => type === "DNA").length],
    ["Specimen?collected=2018", samples.filter(({ year }) => year === 2018).length],
    [
      "Specimen?collected=ge2018-01-01&collected=lt2020-01-01",
      samples.filter(({ year }) => year === 2018 || year === 2019).length,
    ],
    ["Specimen?collected=gt2018-12-31", samples.filter(({ year }) => year !== null && year > 2018).length],
    ["Specimen?collected:missing=true", samples.filter(({ year }) => year === null).length],
    ["Specimen?age-at-collection=lt10", samples.filter(({ age }) => age !== null && age < 10).length],
    ["Specimen?patient.gender=male", samples.filter(({ donor }) => donor.sex === "MALE").length],
    ["Specimen?subject:Patient.gender=male", samples.filter(({ donor }) => donor.sex === "MALE").length],
    ["Specimen?patient.gender:missing=true", samples.filter(({ donor }) => donor.sex === null).length],
    [
      `Specimen?patient._has:Condition:patient:code=${CODES}/nanbyo|${notice}`,
      samples.filter(({ donor }) => isIll(donor)).length,
    ],
    [`Specimen?patient=Patient/${records[0]!.id}`, records[0]!.samples.length],
    [`Specimen?patient=${ids[1]},Patient/${ids[2]}`, records[1]!.samples.length + records[2]!.samples.length],
    [`Specimen?patient=${ids.at(-1)}`, records.at(-1)!.samples.length],
    ["Specimen?patient=nobody", 0],
    [`Specimen?patient._id=${ids[1]}`, records[1]!.samples.length],
    [`Condition?code=${notice}`, records.filter(isIll).length],
  ])("%s", async (of, count) => {
    expect(await total(of)).toBe(count);
  });

  test("dates of any precision are intervals of time", async () => {
    const dates = ["2014", "2014-06", "2014-12-31", "2015-01-01T00:30:00+09:00", "2015"];
    const dated = await open([
      { id: "a", tokens: {}, diagnoses: [], samples: dates.map((collected) => ({ tokens: {}, age: null, collected })) },
    ]);
    const found = (value: string) => total(`Specimen?collected=${encodeURIComponent(value)}`, dated.url);
    expect(await Promise.all(["2014", "ge2014-01-01", "lt2015", "gt2014", "sa2014", "ne2014"].map(found))).toEqual([
      4, 5, 4, 1, 1, 1,
    ]);
    expect(await Promise.all(["eb2014-12", "le2014-06", "2014-06-15"].map(found))).toEqual([1, 2, 0]);
    // As HAPI reads a bare year, at or after it is after it.
    expect(await found("ge2014")).toBe(1);
  });

  test("a comma that is part of a code is escaped", async () => {
    const tokens = { gender: [{ system: null, code: "a,b|c" }] };
    const odd = await open([{ id: "a", tokens, diagnoses: [], samples: [] }]);
    expect(await total(`Patient?gender=${encodeURIComponent("a\\,b\\|c")}`, odd.url)).toBe(1);
    expect(await total("Patient?gender=a,b", odd.url)).toBe(0);
  });
});

describe("answers", () => {
  test("pages lead to each other and hold every match once", async () => {
    const ids: string[] = [];
    let next: string | undefined = `${url}/Specimen?type=plasma&_count=50`;
    while (next !== undefined) {
      const page: Bundle = (await (await fetch(next)).json()) as Bundle;
      ids.push(...page.entry!.map(({ resource }) => resource.id));
      next = page.link.find(({ relation }) => relation === "next")?.url;
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(samples.filter(({ type }) => type === "PLASMA").length);
  });

  test("a total is told where it is asked for", async () => {
    expect((await bundle("Patient?_count=1")).total).toBeUndefined();
    expect((await bundle("Patient?_total=accurate&_count=0")).total).toBe(records.length);
    expect((await bundle("Patient?_total=accurate&_count=0")).entry).toBeUndefined();
  });

  test("an unknown parameter is refused where that is preferred, else ignored and left out of the self link", async () => {
    const strict = await get("Patient?gender=female&nonsense=1", STRICT);
    expect([strict.status, await strict.json()]).toMatchObject([
      400,
      { resourceType: "OperationOutcome", issue: [{ diagnostics: "Unknown search parameter nonsense." }] },
    ]);
    const lenient = (await (await get("Patient?gender=female&nonsense=1")).json()) as Bundle;
    expect(lenient.link[0]!.url).toBe(`${url}/Patient?gender=female`);
  });

  test.each(["Patient?gender=", "Specimen?collected=soon", "Patient?_count=-1", "Patient?gender:missing=perhaps"])(
    "%s is refused",
    async (path) => {
      expect((await get(path)).status).toBe(400);
    },
  );

  test("resources are read one by one, and there is no other path", async () => {
    const [{ id } = { id: "" }] = records;
    expect(await (await get(`Patient/${id}`)).json()).toMatchObject({ resourceType: "Patient", id });
    expect((await get("Patient/nobody")).status).toBe(404);
    expect((await get("Observation")).status).toBe(404);
    expect((await fetch(`${url}/Patient/${id}`, { method: "DELETE" })).status).toBe(405);
  });

  test("the CapabilityStatement lists every parameter, and Library/release the edition", async () => {
    const statement = (await (await get("metadata")).json()) as { rest: { resource: { type: string }[] }[] };
    expect(statement).toMatchObject({ resourceType: "CapabilityStatement", fhirVersion: "4.0.1" });
    expect(statement.rest[0]!.resource.map(({ type }) => type)).toEqual(["Patient", "Condition", "Specimen"]);
    expect(await (await get("Library/release")).json()).toMatchObject({ version: "1", date: "2026-01-01" });
  });

  test("POST _search takes a form, and a batch one GET for each entry", async () => {
    const body = new URLSearchParams({ gender: "female", _summary: "count" });
    const posted = await fetch(`${url}/Patient/_search`, { method: "POST", body });
    const found = ((await posted.json()) as Bundle).total;
    expect(found).toBe(records.filter(({ sex }) => sex === "FEMALE").length);
    const entry = ["Patient?gender=female&_summary=count", "Patient?nonsense=1", "Nothing"].map((path) => ({
      request: { method: "GET", url: path },
    }));
    const headers = { "content-type": "application/fhir+json", ...STRICT };
    const text = JSON.stringify({ resourceType: "Bundle", type: "batch", entry });
    const answer = await fetch(url, { method: "POST", headers, body: text });
    expect(await answer.json()).toMatchObject({
      type: "batch-response",
      entry: [
        { resource: { total: found }, response: { status: "200 OK" } },
        { response: { status: "400" } },
        { response: { status: "404" } },
      ],
    });
    const transaction = JSON.stringify({ resourceType: "Bundle", type: "transaction", entry });
    expect((await fetch(url, { method: "POST", headers, body: transaction })).status).toBe(400);
  });

  test("faults", async () => {
    const { server, url: at } = await open([], {});
    server.faults.busySeconds = 7;
    expect((await get("Patient", {}, at)).headers.get("retry-after")).toBe("7");
    delete server.faults.busySeconds;
    server.faults.refuses = true;
    expect((await get("Patient", {}, at)).status).toBe(401);
    server.faults.refuses = false;
    server.faults.garbage = "cut";
    await expect(get("Patient", {}, at).then((answer) => answer.text())).rejects.toThrow();
    server.faults.down = true;
    await expect(get("Patient", {}, at)).rejects.toThrow();
  });
});

test("the whole repository has its published size", { timeout: 20_000 }, async () => {
  const whole = Array.from(population("rare"), (donor) => fhirDonor(recorded("rare", donor)));
  const { url: at } = await open(whole, { release: { number: "2026.1", date: "2026-04-01" } });
  const programme = (code: string) => total(`Patient?programme=${code}`, at);
  const parts = ["rare-disease-wgs", "rare-disease-wgs-fy2020", "rare-disease-wgs-fy2021"];
  expect(await Promise.all(parts.map(programme))).toEqual([5500, 2500, 3000]);
});
