import { FIELDS, type FieldName, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import type { Unit } from "../local.ts";
import type { Catalogue, Columns, Types } from "./columns.ts";
import type { FieldFault } from "./findings.ts";
import type { ProofCount } from "./proof-counts.ts";
import { type PivotProof, provePivot } from "./proof-of-pivot.ts";
import { proveNested } from "./proof-of-samples.ts";
import { proveFlat } from "./proof-of-values.ts";
import type { Proof, Proving } from "./proving.ts";

/** The catalogue as the data have it, and why fields are not declared. */
export type Proven = {
  readonly catalogue: Catalogue;
  readonly faults: readonly FieldFault[];
  readonly holds: (unit: Unit, field: FieldName) => boolean;
};

/**
 * Proves on the data what each field promises: the values asked one by one, those that are missing and the rest add up to all
 * documents, and conditions on one sample that contradict each other find nothing. @throws {BankError}
 */
export const proveCatalogue = async (
  catalogue: Catalogue,
  mapping: MappedCodes,
  types: Types,
  { count, keys }: Pick<Proving, "count" | "keys">,
): Promise<Proven> => {
  const warranted = (field: FieldName): Proving["warranted"] => {
    const complete = mapping[field]?.complete === true;
    // A donor without a record of a disease is no exception: none is recorded.
    return { mapped: complete, present: complete && !(FIELDS[field].kind === "record" && !isSampleField(field)) };
  };
  const proveAll = (unit: Unit, columns: Columns, prove: (proving: Proving) => Promise<Proof>) =>
    Promise.all(
      [...columns].map(async ([field, column]) => {
        const proof = await prove({ unit, column, count, keys, warranted: warranted(field) });
        return [field, proof] as const;
      }),
    );
  const { nested } = catalogue;
  const [samples, [donors, pivot]] = await Promise.all([
    proveAll("SAMPLES", catalogue.samples, proveFlat),
    provePivotOf(catalogue, types, count).then(async (found) => {
      const place = { nested: nested ?? "", pivot: found.path };
      const prove = (proving: Proving) =>
        isSampleField(proving.column.field) ? proveNested(proving, place) : proveFlat(proving);
      return [await proveAll("DONORS", catalogue.donors, prove), found] as const;
    }),
  ]);
  const faults: FieldFault[] = [];
  const columnsOf = (unit: Unit, proofs: typeof donors): Columns =>
    new Map(
      proofs.flatMap(([field, { column, fault, warrant }]) => {
        const lost = unit === "DONORS" && isSampleField(field) ? pivot.fault : undefined;
        const found = lost ?? fault;
        if (found !== undefined) {
          faults.push({ unit, field, path: column.path, why: found, warrant: lost === undefined && warrant === true });
        }
        return found === undefined || (lost === undefined && warrant) ? [[field, column] as const] : [];
      }),
    );
  return {
    catalogue: {
      ...catalogue,
      donors: columnsOf("DONORS", donors),
      samples: columnsOf("SAMPLES", samples),
      pivot: pivot.path,
    },
    faults,
    holds: (unit, field) => !faults.some((fault) => fault.unit === unit && fault.field === field),
  };
};

const provePivotOf = async (catalogue: Catalogue, types: Types, count: ProofCount): Promise<PivotProof> => {
  const { nested, donors } = catalogue;
  const ofSamples = [...donors.values()].filter(({ field }) => isSampleField(field));
  if (nested === undefined || ofSamples.length === 0) return { path: nested, fault: undefined };
  return provePivot(nested, ofSamples, types.DONORS, count);
};
