import type { Condition } from "../kit/conjunction.ts";
import type { Unit } from "../local.ts";
import { isRange } from "../local.ts";
import type { Unsure } from "./exceptions.ts";
import type { Param } from "./search.ts";
import type { Standing } from "./standing.ts";

type Term = { readonly times: number; readonly params: readonly Param[] };

/** Factors of a sum: `most` takes off what does not count, `least` what may not count either. Null: nothing is sure. */
export type Correction = { readonly most: readonly Term[]; readonly least: readonly Term[] | null };

/** What is counted. `reference` leads from a sample to its donor. */
export type Counted = {
  readonly unit: Unit;
  readonly diseases: readonly Condition[];
  readonly bySample: boolean;
  readonly reference: string;
  readonly spell: (code: string) => string;
};

const IN_ONE = 100;
/** More patients than this are not named one by one. */
const MOST_NAMED = 400;

/** The factors by which a count of everything recorded becomes a count of what counts. */
export const correctionsOf = (unsure: Unsure, counted: Counted): readonly Correction[] => [
  byPatients(unsure, counted),
  ...(counted.unit === "SAMPLES" ? [byStatus(unsure.samples)] : []),
];

const ALL: Term = { times: 1, params: [] };

const byPatients = ({ diagnoses, samples, ...unsure }: Unsure, counted: Counted): Correction => {
  const standings = new Map<string, Standing>();
  const { unit, bySample } = counted;
  const patients = unit === "DONORS" ? unsure.patients : unsure.owners;
  const byDiagnosis = counted.diseases.map((test) =>
    diagnoses === undefined ? undefined : ill(diagnoses, test, counted),
  );
  const all = [...byDiagnosis, ...(unit === "DONORS" && bySample ? [donorsInDoubt(samples)] : []), patients];
  for (const found of all) {
    for (const [id, standing] of found ?? []) {
      if (standings.get(id) !== "dropped") standings.set(id, standing);
    }
  }
  const named = (wanted: readonly Standing[]): readonly Term[] => {
    const ids = [...standings].filter(([, standing]) => wanted.includes(standing)).map(([id]) => id);
    return Array.from({ length: Math.ceil(ids.length / IN_ONE) }, (_, at) => {
      const some = ids.slice(at * IN_ONE, (at + 1) * IN_ONE);
      const param: Param =
        unit === "DONORS" ? ["_id", some.join(",")] : [counted.reference, some.map((id) => `Patient/${id}`).join(",")];
      return { times: -1, params: [param] };
    });
  };
  if (standings.size > MOST_NAMED) return { most: [ALL], least: null };
  const isKnown = all.every((found) => found !== undefined);
  return { most: [ALL, ...named(["dropped"])], least: isKnown ? [ALL, ...named(["dropped", "doubt"])] : null };
};

/** Patients who have no diagnosis of a test that counts for sure, but one that does not. */
const ill = (
  diagnoses: NonNullable<Unsure["diagnoses"]>,
  { test }: Condition,
  { spell }: Counted,
): ReadonlyMap<string, Standing> => {
  const found = new Map<string, Standing>();
  const wanted = new Set(isRange(test) ? [] : test.codes.map((code) => spell(code).toLowerCase()));
  for (const [id, all] of diagnoses) {
    const own = all.filter(({ tokens }) => [...tokens].some((token) => wanted.has(token)));
    if (own.length === 0 || own.some(({ standing }) => standing === undefined)) continue;
    found.set(id, own.some(({ standing }) => standing === "doubt") ? "doubt" : "dropped");
  }
  return found;
};

/** Which of a donor's samples meets a condition cannot be seen. */
const donorsInDoubt = (samples: Unsure["samples"]): ReadonlyMap<string, Standing> | undefined =>
  samples && new Map([...samples.donors].map((id) => [id, "doubt" as const]));

const byStatus = (samples: Unsure["samples"]): Correction => {
  if (samples === undefined) return { most: [ALL], least: null };
  const { statuses, counting } = samples;
  if (counting !== undefined) {
    // One search in place of two: those that count, in place of all but those that do not.
    const doubtful = [...statuses].filter(([, standing]) => standing === "doubt").map(([code]) => code);
    const among = (codes: readonly string[]): Term => ({ times: 1, params: [["status", codes.join(",")]] });
    if (statuses.size === 0) return { most: [ALL], least: [ALL] };
    return { most: [among([...counting, ...doubtful])], least: [among(counting)] };
  }
  const of = (wanted: Standing): readonly Term[] => {
    const codes = [...statuses].filter(([code, standing]) => standing === wanted && code !== "").map(([code]) => code);
    const lacking = statuses.get("") === wanted ? [{ times: -1, params: [["status:missing", "true"] as const] }] : [];
    return [...(codes.length === 0 ? [] : [{ times: -1, params: [["status", codes.join(",")] as const] }]), ...lacking];
  };
  return { most: [ALL, ...of("dropped")], least: [ALL, ...of("dropped"), ...of("doubt")] };
};
