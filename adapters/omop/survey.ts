import { type DonorField, FIELDS, type FieldName, type SampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import type { CodeColumn } from "./columns.ts";
import { isNumberColumn, isRecordTable, type OmopFields, type RecordTable } from "./fields.ts";
import { join, not } from "./join.ts";
import type { NumberColumn } from "./numbers.ts";
import type { Rows } from "./session.ts";
import { type Bind, binder, type Statement } from "./statement.ts";
import { closure, valuesOf } from "./tests.ts";

/**
 * What the data hold of a field, beside values that count and are understood: `doubt`, values of which it is not known whether they
 * count or what they are; `dropped`, records that the options leave out; and against the warrant `complete`, values that are
 * `unmapped` or `missing`.
 */
export type Trait = "doubt" | "dropped" | "unmapped" | "missing";

/** The traits of each field that has any. */
export type Survey = ReadonlyMap<FieldName, ReadonlySet<Trait>>;

/** Looks for traits of the fields: one row (field, trait) for each. Records and specimens of nobody have none. */
export const surveySql = (fields: OmopFields, mapping: MappedCodes): Statement => {
  const { bind, statement } = binder();
  const probes: string[] = [];
  const probe = (field: FieldName, trait: Trait, rows: string): void => {
    if (rows.endsWith("FALSE")) return;
    probes.push(`SELECT ${bind(field, "text")}, ${bind(trait, "text")} WHERE EXISTS (${rows})`);
  };
  const persons = `SELECT FROM ${fields.table("person")} p WHERE`;
  const samples = `SELECT FROM ${fields.table("specimen")} s JOIN ${fields.table("person")} p USING (person_id) WHERE`;
  for (const [field, place] of fields.donor) {
    if (isRecordTable(place)) probeRecords({ fields, mapping, bind, probe }, field, place);
    else probeCodes({ mapping, bind, probe }, field, place, persons);
  }
  for (const [field, place] of fields.sample) {
    if (isNumberColumn(place)) probeNumbers({ mapping, bind, probe }, field, place, samples);
    else probeCodes({ mapping, bind, probe }, field, place, samples);
  }
  return statement(probes.length === 0 ? "SELECT NULL, NULL WHERE FALSE" : probes.join("\nUNION ALL "));
};

/** Reads the rows of surveySql. */
export const readSurvey = (rows: Rows | undefined): Survey => {
  const survey = new Map<FieldName, Set<Trait>>();
  for (const [field, trait] of rows ?? []) {
    const name = String(field) as FieldName;
    survey.set(name, (survey.get(name) ?? new Set()).add(String(trait) as Trait));
  }
  return survey;
};

type Probing = {
  readonly mapping: MappedCodes;
  readonly bind: Bind;
  readonly probe: (field: FieldName, trait: Trait, rows: string) => void;
};

const probeRecords = (
  { fields, mapping, bind, probe }: Probing & { readonly fields: OmopFields },
  field: FieldName,
  place: RecordTable,
): void => {
  const { from, where, standing, code } = place;
  const person = fields.table("person");
  const rows = (condition: string): string =>
    `SELECT FROM ${from} WHERE ${join("all", [where(bind), `r.person_id IN (SELECT p.person_id FROM ${person} p)`, condition])}`;
  const kept = standing?.kept(bind) ?? "TRUE";
  if (standing !== undefined) {
    probe(field, "doubt", rows(join("all", [not(standing.sure(bind)), kept])));
    probe(field, "dropped", rows(not(kept)));
  }
  if (mapping[field]?.complete !== true) return;
  probe(field, "unmapped", rows(join("all", [kept, unmapped(code, mapping[field].codes, bind)])));
  if (FIELDS[field].many) return;
  const held = join("all", [where(bind), kept, not(isAbsent(code, bind))]);
  probe(
    field,
    "missing",
    `SELECT FROM ${person} p WHERE p.person_id NOT IN (SELECT r.person_id FROM ${from} WHERE r.person_id IS NOT NULL AND ${held})`,
  );
};

const probeCodes = ({ mapping, bind, probe }: Probing, field: FieldName, code: CodeColumn, rows: string): void => {
  if (mapping[field]?.complete !== true) return;
  probe(field, "unmapped", `${rows} ${unmapped(code, mapping[field].codes, bind)}`);
  probe(field, "missing", `${rows} ${isAbsent(code, bind)}`);
};

const probeNumbers = ({ mapping, bind, probe }: Probing, field: FieldName, place: NumberColumn, rows: string): void => {
  const doubtful = place.inDoubt?.(bind) ?? "FALSE";
  probe(field, "doubt", `${rows} ${doubtful}`);
  if (mapping[field]?.complete !== true) return;
  probe(field, "missing", `${rows} ${join("all", [`${place.value(bind)} IS NULL`, not(doubtful)])}`);
};

const isAbsent = (code: CodeColumn, bind: Bind): string => {
  const marks = valuesOf(code, code.none);
  return marks.length === 0 ? "FALSE" : `${code.whole(bind)} = ANY(${bind(marks, `${code.type}[]`)})`;
};

const unmapped = (code: CodeColumn, codes: readonly string[], bind: Bind): string => {
  const mapped =
    code.below === undefined
      ? `SELECT unnest(${bind(valuesOf(code, codes), `${code.type}[]`)})`
      : closure(code, codes, bind);
  return join("all", [not(isAbsent(code, bind)), `${code.whole(bind)} NOT IN (${mapped})`]);
};

/**
 * The fields as these data need them: statuses and doubts that no row has cost no count anything, and a warrant that does not hold
 * leaves what is unmapped open.
 */
export const surveyed = (fields: OmopFields, survey: Survey, mapping: MappedCodes): OmopFields => ({
  ...fields,
  donor: new Map(
    [...fields.donor].map(([field, place]): readonly [DonorField, CodeColumn | RecordTable] => {
      if (!isRecordTable(place)) return [field, place];
      const { standing, ...rest } = place;
      const traits = survey.get(field);
      const needed = standing !== undefined && (traits?.has("doubt") || traits?.has("dropped"));
      const open = FIELDS[field].many && traits?.has("unmapped") ? { open: new Set(mapping[field]?.codes) } : {};
      return [field, { ...rest, ...(needed ? { standing } : {}), ...open }];
    }),
  ),
  sample: new Map(
    [...fields.sample].map(([field, place]): readonly [SampleField, CodeColumn | NumberColumn] => {
      if (!isNumberColumn(place)) return [field, place];
      const { inDoubt, ...rest } = place;
      return [field, inDoubt !== undefined && survey.get(field)?.has("doubt") ? place : rest];
    }),
  ),
});
