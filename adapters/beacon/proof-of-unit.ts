import { BankError } from "../../schema/bank-error.ts";
import { FIELDS, type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import type { Capabilities, FieldCapability, Range, Unit } from "../local.ts";
import type { Filter, FilterWriter } from "./filters.ts";
import { sumOf } from "./intervals.ts";
import type { BeaconOptions } from "./options.ts";
import type { Ask } from "./proof-asker.ts";
import { type Partner, proveCodes } from "./proof-of-codes.ts";
import { proveNumbers } from "./proof-of-numbers.ts";
import type { Proof } from "./proving.ts";
import type { Counted } from "./standings.ts";

/** What is proven, and by what. `fields`: what the beacon declares. */
export type Proofs = {
  readonly options: BeaconOptions;
  readonly mapping: MappedCodes;
  readonly fields: Capabilities["fields"];
  readonly write: FilterWriter;
  readonly ask: Ask;
};

/** The proof of each field that the beacon declares for a count. */
export type UnitProofs = ReadonlyMap<FieldName, Proof>;

/** Most codes of a field that are asked one by one: of one value in each record, of several, and of the other entity. */
const MOST_OF_ONE = 24;
const MOST_OF_SEVERAL = 12;
const MOST_OF_OTHER = 6;

/** How many records there are. A beacon that does not count all of them has at least as many as it counts by a filter. */
export const countedOf = async (proofs: Proofs, unit: Unit): Promise<Counted> => {
  const { ask } = proofs;
  const whole = await ask(unit, []);
  const alone =
    whole instanceof BankError ? await Promise.all(filtersOf(proofs, unit).map((one) => ask(unit, [one]))) : [];
  const least = Math.max(0, ...alone.map((count) => (count instanceof BankError ? 0 : count.min)));
  const all = whole instanceof BankError ? { min: least, max: null } : whole;
  const [known] = filtersOf(proofs, unit);
  if (known === undefined) return { all, ignoresUnknown: undefined };
  const unknown = await ask(unit, [{ ...known, id: `${known.id}-0-of-nobody` }]);
  const isIgnored = !(unknown instanceof BankError) && unknown.max !== 0;
  return { all, ignoresUnknown: isIgnored };
};

/** Proves the fields of one count: first such as exclude one another, by which the others are divided. @throws {BankError} */
export const proveUnit = async (proofs: Proofs, unit: Unit, all: Range): Promise<UnitProofs> => {
  const declared = declaredOn(proofs, unit);
  const prove = async (fields: readonly Declared[], partner: Partner | undefined): Promise<UnitProofs> =>
    new Map(
      await Promise.all(
        fields.map(async (each) => [each[0], await proveField(proofs, { unit, all, partner }, each)] as const),
      ),
    );
  const isFirst = ([field]: Declared): boolean => isOneIn(field, unit) && !isSampleField(field);
  const first = await prove(declared.filter(isFirst), undefined);
  const partner = partnerOf(proofs, first, all);
  return new Map([
    ...first,
    ...(await prove(
      declared.filter((each) => !isFirst(each)),
      partner,
    )),
  ]);
};

type Declared = readonly [FieldName, FieldCapability];

const declaredOn = ({ fields }: Pick<Proofs, "fields">, unit: Unit): readonly Declared[] =>
  (Object.entries(fields) as [FieldName, FieldCapability][]).filter(([, { on }]) => on.includes(unit));

/** Whether a record has at most one value of a field. */
const isOneIn = (field: FieldName, unit: Unit): boolean =>
  !FIELDS[field].many && !(isSampleField(field) && unit === "DONORS");

const proveField = async (
  { options, mapping, write, ask }: Proofs,
  { unit, all, partner }: { readonly unit: Unit; readonly all: Range; readonly partner: Partner | undefined },
  [field, { codes = new Set<string>() }]: Declared,
): Promise<Proof> => {
  const isOne = isOneIn(field, unit);
  const mapped = mapping[field];
  const warranted = mapped?.complete === true && isOne;
  const proving = { unit, field, ask, all, isOne, warranted };
  if (isNumberField(field)) {
    return proveNumbers({ ...proving, write: (from, to) => write.range(field, { from, to, missing: false }) });
  }
  const isOwn = isSampleField(field) === (unit === "SAMPLES");
  const asked = spread([...codes], !isOwn && !isOne ? MOST_OF_OTHER : isOne ? MOST_OF_ONE : MOST_OF_SEVERAL);
  return proveCodes({
    ...proving,
    filters: asked.map((id) => write.code(field, id)),
    areAll: asked.length === mapped?.codes.length,
    everybody: options.everybody,
    partner,
  });
};

/** Some of many, from the first to the last. */
const spread = <T>(many: readonly T[], most: number): readonly T[] =>
  many.length <= most
    ? many
    : Array.from({ length: most }, (_, at) => many[Math.floor((at * (many.length - 1)) / (most - 1))]!);

/** A proven field of which two values are found: records are divided by it. */
const partnerOf = ({ fields, mapping }: Proofs, proofs: UnitProofs, all: Range): Partner | undefined => {
  for (const [field, { fault, found }] of proofs) {
    const met = found.filter(({ count }) => count.min > 0);
    if (fault !== undefined || met.length < 2 || met.length > 6) continue;
    const sum = sumOf(met.map(({ count }) => count));
    const isExact = sum.min === sum.max && all.min === all.max && sum.min === all.min;
    const areAll = found.length === fields[field]?.codes?.size || found.length === mapping[field]?.codes.length;
    return { filters: met.map(({ filter }) => filter), isAll: isExact && areAll };
  }
  return undefined;
};

/** A filter for some codes of each field. */
const filtersOf = ({ fields, write }: Proofs, unit: Unit): readonly Filter[] =>
  declaredOn({ fields }, unit).flatMap(([field, { codes }]) =>
    spread([...(codes ?? [])], MOST_OF_OTHER).map((id) => write.code(field, id)),
  );
