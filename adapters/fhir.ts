import { countBy } from "./fhir/counting.ts";
import { findingsOf } from "./fhir/findings.ts";
import { fhirClient } from "./fhir/http.ts";
import { fhirOptions, named } from "./fhir/options.ts";
import { probe } from "./fhir/probe.ts";
import { fhirRelease } from "./fhir/release.ts";
import { FORGETFUL, remembered } from "./fhir/remembered.ts";
import { pathOf } from "./fhir/search.ts";
import { sender } from "./fhir/sending.ts";
import { sumWriter } from "./fhir/terms.ts";
import { httpKind } from "./kit/http-kind.ts";
import { requireSame } from "./kit/one-release.ts";

/**
 * HL7 FHIR R4 search over HTTP: donors are Patients, samples Specimens, diagnoses Conditions. It declares what the server
 * was seen to obey when it was opened, for each release anew, and counts a batch of questions by one `batch` bundle. The release
 * is read before and after every batch, or by the batch itself (see fhirOptions).
 */
export const fhir = httpKind({
  options: fhirOptions,
  named,
  connect: (bank, options, link) => fhirClient(bank, options.url, options, link),

  async open(place, signal) {
    const { bank, options, mapping, client } = place;
    const release = fhirRelease(bank, options, client);
    const software = await release.checkVersion(signal);
    const memory =
      software === undefined || place.state === undefined
        ? FORGETFUL
        : await remembered(bank, place.state, [options.url, ...software]);
    const seen = await release.read(signal);
    const proven = await probe(place, memory, signal);
    requireSame(bank, "the fields", seen, await release.read(signal));
    const { counts, apart, fields } = proven;
    const last = options.release !== "metadata" && options.release.told === "last" ? release.path : undefined;
    const sums = sumWriter(mapping, proven);
    let served = seen.id;
    return {
      opened: seen,
      findings: findingsOf(proven, mapping),
      async release(asked) {
        const found = await release.read(asked);
        served = found.id;
        return found;
      },
      statedLast: last !== undefined,
      capabilities: {
        counts,
        donors: { logic: "and", sampleAnd: apart ? "any" : "unknown" },
        samples: { logic: "and", sampleAnd: "same" },
        fields,
        facets: [],
      },
      say: (unit, question) => countBy(bank, unit, sums[unit](question)),
      keyOf: pathOf,
      ...sender(proven, {
        last,
        idOf: (found) => release.parse(found).id,
        isOpened: (stated = served) => stated === seen.id,
        timeoutMs: options.timeoutMs,
      }),
    };
  },
});
