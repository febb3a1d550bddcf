import { describe, test } from "vitest";
import { newFolder, writeFiles } from "../folder.ts";
import { json } from "../loopback.ts";
import { openBeacon } from "./beacon-bank.ts";
import { openFhir, startFhir } from "./fhir-bank.ts";
import { fhirProxy } from "./fhir-proxy.ts";
import { CODES, FIXTURE } from "./fixture.ts";
import { expectNoCount, PLANTED } from "./raw-count.ts";
import { COUNT, type Reply, scriptedBeacon } from "./scripted-beacon.ts";
import { openSqon } from "./sqon-bank.ts";
import { openTabular } from "./tabular-bank.ts";

// Messages go to the gateway's log. Those of tabular said how many rows and donors were at fault, and the others repeated what
// a server said in its own words, counts among them.
describe("no message of tabular says how many", () => {
  const rows = (row: (at: number) => string): string => Array.from({ length: PLANTED }, (_, at) => row(at)).join("\n");
  const donors = { file: "donors.csv", id: "id" };
  const samples = { file: "samples.csv", donor: "id", type: "type" };
  test.each<[string, Readonly<Record<string, string>>, object, string]>([
    ["donors without an id", { "donors.csv": `id,x\n${rows(() => ",x")}` }, {}, "donors.csv"],
    ["donors twice", { "donors.csv": `id\n${rows(() => "d1")}\nd1` }, {}, "donors.csv"],
    ["samples of others", { "samples.csv": `id,type\n${rows((at) => `x${at},D`)}` }, {}, "samples.csv"],
    [
      "cells of another form",
      { "samples.csv": `id,a\n${rows(() => "d1,old")}` },
      { samples: { file: "samples.csv", donor: "id", age: "a" } },
      "samples.csv, line 2, column",
    ],
    [
      "tubes of another form",
      { "samples.csv": `id,n\n${rows(() => "d1,many")}` },
      { samples: { file: "samples.csv", donor: "id", tubes: { n: "D" } } },
      "samples.csv",
    ],
  ])("%s", async (_, files, options, where) => {
    const folder = await newFolder();
    await writeFiles(folder, { "donors.csv": "id\nd1", "samples.csv": "id,type\nd1,D", ...files });
    await expectNoCount(openTabular(folder, { kind: "tabular", donors, samples, ...options }), where);
  });
});

describe("no message of beacon says how many", () => {
  const summary = (numTotalResults: unknown, more: object = {}): Reply => ({
    ...COUNT,
    responseSummary: { exists: true, numTotalResults, ...more },
  });
  test.each<[string, Reply, string]>([
    ["below 0", summary(-PLANTED), "numTotalResults"],
    ["a fraction", summary(PLANTED + 0.5), "numTotalResults"],
    ["a text", summary(String(PLANTED)), "numTotalResults"],
    ["in place of exists", summary(PLANTED, { exists: PLANTED }), "exists"],
    ["in a warning", { ...COUNT, info: { warnings: { total: PLANTED } } }, "warnings"],
    ["in an error", json(400, { error: { errorMessage: `${PLANTED} found, 4,815 hidden` } }), "HTTP 400: # found"],
  ])("%s", async (_, reply, where) => {
    const { url } = await scriptedBeacon([reply], [{ id: CODES.FEMALE, type: "ontologyTerm", scopes: ["individual"] }]);
    await expectNoCount(openBeacon(url), where);
  });
});

describe("no message of sqon says how many", () => {
  const catalogue = { release: "1", date: "2026-04-01" };
  const good = { data: { catalogue, donor: { samples: { total: 9 }, q0: { total: 7 } } } };
  const errors = [{ message: `got ${PLANTED} hits`, path: ["donor", "q0"] }];
  test.each<[string, Reply, string]>([
    ["a text", { data: { catalogue, donor: { q0: { total: String(PLANTED) } } } }, "donor.hits.total"],
    ["in an error", { data: { catalogue, donor: null }, errors }, "donor.hits.total"],
    ["in a refusal", json(400, { errors }), "HTTP 400: got # hits"],
    ["in place of the release", { data: { catalogue: { ...catalogue, date: { n: PLANTED } } } }, "catalogue.date"],
  ])("%s", async (_, reply, where) => {
    const { url } = await scriptedBeacon([good, good, reply]);
    await expectNoCount(openSqon(`${url}graphql`), where);
  });
});

describe("no message of fhir says how many", () => {
  const issue = [{ severity: "error", diagnostics: `${PLANTED} matches` }];
  const outcome = { resourceType: "OperationOutcome", issue };
  const batch = (...entry: readonly object[]) => ({ resourceType: "Bundle", type: "batch-response", entry });
  const bundle = { resourceType: "Bundle", type: "searchset", link: [{ relation: "self", url: "Patient?gender=x" }] };
  test.each<[string, Reply, string]>([
    ["a text", batch({ resource: { ...bundle, total: String(PLANTED) }, response: { status: "200" } }), "Bundle.total"],
    ["in an entry", batch({ response: { status: "400", outcome } }), "HTTP 400: # matches"],
    ["in an answer", json(500, outcome), "HTTP 500: # matches"],
  ])("%s", async (_, reply, where) => {
    const { url } = await startFhir(FIXTURE);
    const { url: front, state } = await fhirProxy(url);
    const adapter = await openFhir(front);
    state.intercept = (path) => (path === "" ? reply : undefined);
    await expectNoCount(Promise.resolve(adapter), where);
  });
});
