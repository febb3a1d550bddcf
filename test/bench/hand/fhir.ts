import { Pool } from "undici";
import { WORDS } from "../typical.ts";
import { exact, type Hand, span } from "./hand.ts";

const OWN = "https://rare.example/fhir/CodeSystem";
const token = (name: string, code: string): string => encodeURIComponent(`${OWN}/${name}|${code}`);
const type = (code: string): string => token("sample-type", code);
const HAS_SAMPLE = "_has:Specimen:patient";
const AGED = "age-at-collection=ge40&age-at-collection=le59";
const ill = (code: string): string => `_has:Condition:patient:code=${token("nanbyo", code.replace("NANBYO:", ""))}`;
const both = (of: string): readonly [string, string] => [`Patient?${of}`, `Specimen?patient.${of}`];

/** Tells which release the server holds. */
const RELEASE = "Library/release";
type Found = {
  readonly response: { readonly status: string };
  readonly resource: {
    readonly total?: number;
    readonly version?: string;
    readonly link?: readonly { readonly relation: string; readonly url: string }[];
  };
};

/** One batch bundle of counting searches for each question. */
export const fhirHand = async (url: string): Promise<Hand> => {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 1 });
  let release: string | undefined;
  const counts = async (...searches: readonly string[]): Promise<readonly number[]> => {
    const urls = [...searches.map((search) => `${search}${search.includes("?") ? "&" : "?"}_summary=count`), RELEASE];
    const entry = urls.map((url) => ({ request: { method: "GET", url } }));
    const { body } = await pool.request({
      path: pathname,
      method: "POST",
      headers: { "content-type": "application/fhir+json", prefer: "handling=strict" },
      body: JSON.stringify({ resourceType: "Bundle", type: "batch", entry }),
    });
    const { entry: found } = (await body.json()) as { entry: readonly Found[] };
    const last = found.at(-1)?.resource.version;
    release ??= last;
    // Without these a number may be of another release, or of fewer parameters than were asked for: it would not be comparable.
    if (last === undefined || last !== release) throw new Error(`wanted release ${release}, got ${last}`);
    return searches.map((search, at) => {
      const { response, resource } = found[at]!;
      const self = resource.link?.find(({ relation }) => relation === "self")?.url ?? "";
      const taken = [...new URL(self).searchParams.keys()];
      const asked = [...new URLSearchParams(search.split("?")[1]).keys(), "_summary"];
      if (response.status !== "200 OK" || taken.join() !== asked.join() || resource.total === undefined) {
        throw new Error(`wanted a count by ${asked.join()}, got ${response.status} by ${taken.join()}`);
      }
      return resource.total;
    });
  };
  const disease = WORDS.fhir.disease;

  return {
    sex: async () => {
      const [women = 0, samples = 0, unknown = 0, ofUnknown = 0] = await counts(
        ...both("gender=female"),
        ...both("gender:missing=true"),
      );
      return [span(women, women + unknown), span(samples, samples + ofUnknown)];
    },
    disease: async () => (await counts(...both(ill(disease)))).map(exact),
    // The samples of donors who have both cannot be said: a search of Specimen does not chain back to another one.
    "two samples": async () => {
      const [donors, samples] = await counts(
        `Patient?${HAS_SAMPLE}:type=${type("dna")}&${HAS_SAMPLE}:type=${type("plasma")}`,
        `Specimen?type=${type("dna")},${type("plasma")}`,
      );
      return [exact(donors), span(0, samples)];
    },
    // _has cannot say that one and the same sample meets both: the donors with plasma bound it.
    "one sample": async () => {
      const plasma = `type=${type("plasma")}`;
      const [donors, samples = 0, ageless = 0] = await counts(
        `Patient?${HAS_SAMPLE}:${plasma}`,
        `Specimen?${plasma}&${AGED}`,
        `Specimen?${plasma}&age-at-collection:missing=true`,
      );
      return [span(0, donors), span(samples, samples + ageless)];
    },
    not: async () => {
      const [donors = 0, samples = 0, sick = 0, ofSick = 0] = await counts(
        "Patient",
        "Specimen",
        ...both(ill(disease)),
      );
      return [exact(donors - sick), exact(samples - ofSick)];
    },
    "disease facet": async () =>
      (await counts("Patient", "Specimen", ...WORDS.fhir.diseases.flatMap((code) => both(ill(code))))).map(exact),
    [Symbol.asyncDispose]: () => pool.close(),
  };
};
