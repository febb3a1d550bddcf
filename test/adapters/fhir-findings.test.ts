import { expect, test } from "vitest";
import { fhirServer } from "../../sandbox/rare/server.ts";
import { fhirDonorsOf, openFhir, startFhir } from "./fhir-bank.ts";
import { FIXTURE } from "./fixture.ts";
import { started } from "./kit-bank.ts";

const idsOf = async (adapter: Awaited<ReturnType<typeof openFhir>>) =>
  ((await adapter.findings?.()) ?? []).map(({ id, field, got }) => [id, field, got].filter(Boolean).join(" "));

test("an operator is told which parameters are not asked for", async () => {
  const { url } = await startFhir(FIXTURE, { weak: { has: "zero" }, handling: "lenient" });
  const found = await idsOf(await openFhir(url));
  expect(found).toContain("fhir.unproven DISEASE none, another, or all of them");
  expect(found).toContain("fhir.apart");
  expect(found.filter((id) => id.includes(" SEX"))).toEqual([]);
});

test("an operator is told what does not count, and what nobody can find", async () => {
  const donors = fhirDonorsOf(FIXTURE).map((donor, at) => ({
    ...donor,
    ...(at === 0 ? { active: false } : {}),
    ...(at === 4 ? { diagnoses: [[{ system: null, code: "X" }]] } : {}),
  }));
  const { url } = await started(fhirServer(donors));
  const found = await idsOf(await openFhir(url));
  expect(found).toContain("fhir.status 1");
  expect(found).toContain("fhir.unfound 1");
});
