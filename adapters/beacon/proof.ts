import { FIELD_NAMES, FIELDS, type FieldName, isSampleField } from "../../schema/fields.ts";
import type { Capabilities, FieldCapability, Range, Unit } from "../local.ts";
import type { Fault } from "./findings.ts";
import type { BeaconOptions } from "./options.ts";
import { type Branch, proveDescendants } from "./proof-of-descendants.ts";
import { provenSampleAnd } from "./proof-of-samples.ts";
import { countedOf, type Proofs, proveUnit, type UnitProofs } from "./proof-of-unit.ts";
import { type Standings, standingsOf } from "./standings.ts";

type Fields = { readonly [F in FieldName]?: FieldCapability };

/** What was proven. `sampleAnd`: as the data show it. */
export type Proven = {
  readonly fields: Capabilities["fields"];
  readonly sampleAnd: BeaconOptions["sampleAnd"];
  readonly standings: Standings;
  readonly faults: readonly Fault[];
};

/**
 * Proves on the data what each filter promises, by about a hundred counts of each entity: the values of a field one by one are
 * no more than all, two that exclude one another find nobody, a field divided by another adds up, numbers below an end and from
 * it on are all numbers, and no filter is ignored. What is not proven is not declared. @throws {BankError}
 */
export const proveFields = async (proofs: Proofs): Promise<Proven> => {
  const [donors, samples] = await Promise.all([countedOf(proofs, "DONORS"), countedOf(proofs, "SAMPLES")]);
  const [ofDonors, ofSamples] = await Promise.all([
    proveUnit(proofs, "DONORS", donors.all),
    proveUnit(proofs, "SAMPLES", samples.all),
  ]);
  const units = { DONORS: ofDonors, SAMPLES: ofSamples };
  const standings = standingsOf({ DONORS: donors, SAMPLES: samples }, proofs.options.everybody);
  const { fields, faults } = keptOf(proofs, units);
  const suspects = noteFound(fields, units, standings);
  const tree = await proveTree(proofs, fields, ofDonors, standings);
  const kept = tree === undefined ? fields : { ...fields, DISEASE: tree.capability };
  const joined = await sampleAndOf(proofs, kept, donors.all);
  return {
    fields: kept,
    sampleAnd: joined.sampleAnd,
    standings,
    faults: [...faults, ...suspects, ...(tree?.faults ?? []), ...joined.faults],
  };
};

type Units = { readonly [U in Unit]: UnitProofs };

/** The fields that were proven for their own entity, and for the other one where that was proven too. */
const keptOf = ({ fields }: Proofs, units: Units): { readonly fields: Fields; readonly faults: readonly Fault[] } => {
  const kept: { [F in FieldName]?: FieldCapability } = {};
  const faults: Fault[] = [];
  for (const field of FIELD_NAMES) {
    const capability = fields[field];
    if (capability === undefined) continue;
    const on = capability.on.filter((unit) => {
      const { fault, warrant } = units[unit].get(field) ?? { fault: "it was not asked for", warrant: undefined };
      if (fault !== undefined) faults.push({ kind: warrant ? "warrant" : "unproven", unit, field, why: fault });
      return fault === undefined;
    });
    if (on.includes(isSampleField(field) ? "SAMPLES" : "DONORS")) kept[field] = { ...capability, on };
  }
  return { fields: kept, faults };
};

/** Notes the filters that were asked for, and tells those that all records pass. */
const noteFound = (fields: Fields, units: Units, standings: Standings): readonly Fault[] =>
  FIELD_NAMES.flatMap((field) =>
    (fields[field]?.on ?? []).flatMap((unit) =>
      (units[unit].get(field)?.found ?? []).flatMap(({ filter, count }): readonly Fault[] => {
        const isIgnored = standings.note(unit, filter, count, !FIELDS[field].many) === "ignored";
        return isIgnored ? [{ kind: "ignored", unit, field, why: filter.id }] : [];
      }),
    ),
  );

/** What a filter by disease does with the codes below: see proveDescendants. */
const proveTree = async (
  { mapping, write, ask }: Proofs,
  { DISEASE: capability }: Fields,
  proofs: UnitProofs,
  standings: Standings,
) => {
  const mapped = mapping.DISEASE?.tree;
  const codes = capability?.codes;
  if (capability === undefined || codes === undefined || mapped === undefined) return undefined;
  const isMet = new Set(
    (proofs.get("DISEASE")?.found ?? []).flatMap(({ filter, count }) => (count.min > 0 ? [filter.id] : [])),
  );
  const above = [...mapped].flatMap(([code, below]) => {
    const lower = codes.has(code) ? below.filter((id) => id !== code && codes.has(id)) : [];
    return lower.length === 0 ? [] : [{ code, lower: lower.find((id) => isMet.has(id)) ?? lower[0]! }];
  });
  const branches = above
    .sort((one, other) => Number(isMet.has(other.lower)) - Number(isMet.has(one.lower)))
    .map(
      ({ code, lower }): Branch => ({
        code: write.code("DISEASE", code),
        lower: write.code("DISEASE", lower),
        all: capability.tree?.has(code) ? write.code("DISEASE", code, true) : undefined,
      }),
    );
  const { includes, leavesOut } = await proveDescendants(branches, "DONORS", ask);
  const faults: Fault[] = [];
  if (!leavesOut) {
    for (const { code } of branches) for (const unit of capability.on) standings.noteWider(unit, code);
    faults.push({ kind: "wider", unit: "DONORS", field: "DISEASE", why: branches[0]?.code.id ?? "" });
  }
  if (includes) return { capability, faults };
  faults.push({ kind: "descendants", unit: "DONORS", field: "DISEASE", why: branches[0]?.code.id ?? "" });
  const { tree: _, ...without } = capability;
  return { capability: without, faults };
};

/** What several filters on biosamples mean to individuals: as the operator says, where the data show the same. */
const sampleAndOf = async (
  { options, write, ask }: Proofs,
  fields: Fields,
  all: Range,
): Promise<Pick<Proven, "sampleAnd" | "faults">> => {
  const { sampleAnd } = options;
  const asked = FIELD_NAMES.filter((field) => isSampleField(field) && fields[field]?.on.includes("DONORS"));
  if (sampleAnd === "unknown" || asked.length === 0) return { sampleAnd, faults: [] };
  const filters = asked.map((field) => [...(fields[field]?.codes ?? [])].map((id) => write.code(field, id)));
  const shown = await provenSampleAnd(filters, all, ask);
  if (shown === sampleAnd) return { sampleAnd, faults: [] };
  return { sampleAnd: "unknown", faults: [{ kind: "sampleAnd", unit: "DONORS", why: shown ?? "" }] };
};
