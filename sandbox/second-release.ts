import { donorId } from "./banks/kit.ts";
import type { Donor } from "./donor.ts";
import { ranking } from "./prng.ts";

/**
 * The donors of release 2: those of release 1 without the `withdrawn`, whom the seed picks, then the `later` ones under ids
 * of their own. A donor who stays keeps everything but the family, which depends on who else stays.
 */
export function* secondRelease(
  first: Iterable<Donor>,
  later: Iterable<Donor>,
  { total, withdrawn, seed }: { readonly total: number; readonly withdrawn: number; readonly seed: string },
): Generator<Donor> {
  const rank = ranking(total, `${seed}/withdrawn`);
  let index = 0;
  for (const household of households(first)) {
    const stay = household.filter(() => rank[index++]! >= withdrawn);
    yield* stay.length === household.length ? stay : stay.map((donor) => ({ ...donor, family: familyOf(donor, stay) }));
  }
  for (const { household, ...donor } of later) {
    yield {
      ...donor,
      id: donorId(donor.id.charAt(0), index++),
      household: household && { ...household, id: `${household.id}-2` },
    };
  }
}

/** The members of a household come one after the other. */
function* households(donors: Iterable<Donor>): Generator<readonly Donor[]> {
  let together: Donor[] = [];
  for (const donor of donors) {
    const [one] = together;
    if (one !== undefined && (one.household === null || one.household.id !== donor.household?.id)) {
      yield together;
      together = [];
    }
    together.push(donor);
  }
  if (together.length > 0) yield together;
}

/** The family of a donor after some of the household withdrew. */
const familyOf = ({ family }: Donor, stay: readonly Donor[]): Donor["family"] => {
  if (stay.length < 2) return "NONE";
  const roles = stay.map(({ household }) => household?.role);
  const complete = (["CHILD", "MOTHER", "FATHER"] as const).every((role) => roles.includes(role));
  return family === "TRIO" && !complete ? "RELATIVE_HELD" : family;
};
