import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { prng } from "../../sandbox/prng.ts";

type Sex = "MALE" | "FEMALE";
type Sample = { readonly type: "DNA" | "SERUM" | "PLASMA"; readonly year: number };
type Donor = { readonly sex: Sex; readonly disease: string; readonly samples: readonly Sample[] };

/** A question whose truth the generated files tell. `samples`: which samples count; all by default. */
export type Asked = {
  readonly where: object;
  readonly donor: (donor: Donor) => boolean;
  readonly sample?: (sample: Sample) => boolean;
};

const DISEASES = ["E11", "C50", "I10", "J45"];
const has = (donor: Donor, wanted: (sample: Sample) => boolean): boolean => donor.samples.some(wanted);
const ofType = (type: Sample["type"], from = 0): Asked => {
  const sample = (s: Sample): boolean => s.type === type && s.year >= from;
  const collectedYear = from === 0 ? {} : { collectedYear: { from } };
  return { where: { sample: { type: [type], ...collectedYear } }, donor: (d) => has(d, sample), sample };
};
const ofDisease = (code: string, sex?: Sex): Asked => ({
  where: { disease: { codes: [`ICD10:${code}`] }, ...(sex === undefined ? {} : { sex: [sex] }) },
  donor: (d) => d.disease === code && (sex === undefined || d.sex === sex),
});

/** The first two are asked much more often than the others. */
export const QUESTIONS: readonly Asked[] = [
  { where: {}, donor: () => true },
  ofDisease("E11"),
  ...DISEASES.slice(1).map((code) => ofDisease(code)),
  ofDisease("E11", "FEMALE"),
  ofDisease("C50", "MALE"),
  ofType("DNA"),
  ofType("SERUM"),
  ofType("PLASMA"),
  ofType("DNA", 2015),
  { where: { not: { disease: { codes: ["ICD10:I10"] } } }, donor: (d) => d.disease !== "I10" },
];

/** Questions that no two calls give alike. */
export const coldQuestions = (): (() => Asked) => {
  const types: readonly Sample["type"][] = ["DNA", "SERUM", "PLASMA"];
  const all = types.flatMap((type) =>
    Array.from({ length: 11 }, (_, from) =>
      Array.from({ length: 11 - from }, (_, years) => ({ type, from, years })),
    ).flat(),
  );
  let next = 0;
  return () => {
    const { type, from, years } = all[next]!;
    next += 1;
    const range = { from: 2010 + from, to: 2010 + from + years };
    const sample = (s: Sample): boolean => s.type === type && s.year >= range.from && s.year <= range.to;
    return { where: { sample: { type: [type], collectedYear: range } }, donor: (d) => has(d, sample), sample };
  };
};

/** What a bank answers from a release: donors and samples, the same of women, the same of men. */
export const truthOf = (bank: string, release: number, { donor, sample = () => true }: Asked): string => {
  const donors = donorsOf(bank, release).filter(donor);
  const counts = (of: readonly Donor[]): string => `${of.length} ${of.flatMap((d) => d.samples.filter(sample)).length}`;
  const sex = (wanted: Sex): string => counts(donors.filter((d) => d.sex === wanted));
  return `${counts(donors)}, ${sex("FEMALE")}, ${sex("MALE")}`;
};

const made = new Map<string, readonly Donor[]>();
const donorsOf = (bank: string, release: number): readonly Donor[] => {
  const seed = `${bank} ${release}`;
  const known = made.get(seed) ?? donorsFrom(seed, release);
  made.set(seed, known);
  return known;
};

const donorsFrom = (seed: string, release: number): readonly Donor[] => {
  const draw = prng(seed);
  // Another number of donors in every release: no two of them answer alike.
  return Array.from({ length: 60 + release }, () => ({
    sex: draw.pick<Sex>(["MALE", "FEMALE"]),
    disease: draw.pick(DISEASES),
    samples: Array.from({ length: draw.between(0, 3) }, () => ({
      type: draw.pick<Sample["type"]>(["DNA", "SERUM", "PLASMA"]),
      year: draw.between(2010, 2020),
    })),
  }));
};

/** Writes a release's files; `show` lets the bank see all of them at one moment, in the place of those before. */
export const writeRelease = async (folder: string, bank: string, release: number) => {
  const files = join(folder, `release-${release}`);
  await mkdir(files, { recursive: true });
  const donors = donorsOf(bank, release);
  const csv = (name: string, rows: readonly (readonly unknown[])[]) =>
    writeFile(join(files, name), `${rows.map((row) => row.join(",")).join("\n")}\n`);
  await Promise.all([
    csv("donors.csv", [["id", "sex"], ...donors.map(({ sex }, id) => [id, sex])]),
    csv("diseases.csv", [["id", "code"], ...donors.map(({ disease }, id) => [id, disease])]),
    csv("samples.csv", [
      ["id", "type", "year"],
      ...donors.flatMap(({ samples }, id) => samples.map(({ type, year }) => [id, type, year])),
    ]),
    writeFile(join(files, "release.json"), JSON.stringify({ number: release, date: DATE })),
  ]);
  return {
    show: async (): Promise<void> => {
      const link = join(folder, `link-${release}`);
      await symlink(files, link);
      await rename(link, join(folder, "data"));
    },
  };
};

export const DATE = "2026-04-01";

/** A bank.yaml of such files. */
export const bankYaml = (
  id: string,
  { announced, staleMs }: { readonly announced: boolean; readonly staleMs: number },
): string => `
id: ${id}
name: { en: Bank ${id}, ja: バンク }
contact: { name: { en: Office, ja: 事務局 }, email: office@${id}.example }
size: { donors: 100000, samples: 900000, samplesPerDonor: 9, enrolmentsPerPerson: 1 }
adapter:
  kind: tabular
  folder: data
  donors: { file: donors.csv, id: id, sex: sex }
  diseases: { file: diseases.csv, donor: id, code: code }
  samples: { file: samples.csv, donor: id, type: type, year: year }
complete: [sex, disease, sampleType, year]
disease: { system: ICD10 }
sex: { MALE: MALE, FEMALE: FEMALE }
sampleType: { DNA: DNA, SERUM: SERUM, PLASMA: PLASMA }
release: { announced: ${announced}, staleHours: ${staleMs / 3_600_000} }
disclosure: { off: true }
`;
