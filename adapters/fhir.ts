import { fhirClient } from "./fhir/http.ts";
import { fhirOptions, named } from "./fhir/options.ts";
import { probe } from "./fhir/probe.ts";
import { fhirRelease } from "./fhir/release.ts";
import { pathOf, type Search } from "./fhir/search.ts";
import { type Sum, sumWriter } from "./fhir/terms.ts";
import { resourceOf } from "./fhir/words.ts";
import type { CountBy } from "./kit/counting-api.ts";
import { bankBroken } from "./kit/failures.ts";
import { httpKind } from "./kit/http-kind.ts";
import { requireSame } from "./kit/one-release.ts";
import type { Unit } from "./local.ts";

/**
 * HL7 FHIR R4 search over HTTP: donors are Patients, samples Specimens, diagnoses Conditions. It declares what the server
 * was seen to obey when it was opened, for each release anew, and counts a batch of questions by one `batch` bundle. The release is read before and
 * after every batch, or by the batch itself (see fhirOptions).
 */
export const fhir = httpKind({
  options: fhirOptions,
  named,
  connect: (bank, options, link) => fhirClient(bank, options.url, options, link),

  async open(place, signal) {
    const { bank, options, mapping, client } = place;
    const release = fhirRelease(bank, options, client);
    await release.checkVersion(signal);
    const seen = await release.read(signal);
    const proven = await probe(place, signal);
    requireSame(bank, "the fields", seen, await release.read(signal));
    const { server, counts, apart, fields } = proven;
    const last = options.release !== "metadata" && options.release.told === "last" ? release.path : undefined;
    const sums = sumWriter(mapping, proven);
    return {
      opened: seen,
      release: release.read,
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
      most: last === undefined ? server.most : Math.max(1, server.most - 1),
      async send(searches, asked) {
        const answer = await server.countTogether(searches, asked, last);
        return { outcomes: answer.counts, stated: answer.last === undefined ? [] : [release.parse(answer.last).id] };
      },
    };
  },
});

const countBy = (bank: string, unit: Unit, { terms, least, wider, twice, more }: Sum): CountBy<Search, number> => {
  const all = [...terms, ...(least ?? [])];
  return {
    requests: all.map(({ params }) => ({ resource: resourceOf(unit), params })),
    read(counts) {
      const totalOf = (some: typeof terms, first: number): number =>
        some.reduce((sum, { times }, at) => sum + times * counts[first + at]!, 0);
      const total = totalOf(terms, 0);
      const sure = least === undefined ? total : least === null ? 0 : totalOf(least, terms.length);
      const most = terms.reduce((sum, { times }, at) => sum + Math.max(0, times) * counts[at]!, 0);
      if (total < 0 && twice.length === 0) {
        throw bankBroken(bank, "counts: wanted a sum >= 0, got less", "CONTRADICTION");
      }
      const isLower = !wider && !twice.includes("added");
      return {
        min: isLower ? Math.max(0, sure) : 0,
        max: more === null ? null : more + (twice.includes("off") ? most : total),
      };
    },
  };
};
