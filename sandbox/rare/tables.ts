import { type Bits, noBits, setBit } from "../bits.ts";
import type { FhirDonor, Token, Tokens } from "./donors.ts";

/** The resource types that can be searched. */
export type TypeName = "Patient" | "Condition" | "Specimen";

/** What a search parameter finds of one resource type. */
export type Column =
  /** Resources by their id, a token without a system. */
  | { readonly kind: "id"; readonly rows: ReadonlyMap<string, number> }
  | { readonly kind: "token"; readonly values: readonly TokenRows[]; readonly any: Bits }
  | { readonly kind: "number"; readonly values: readonly (number | null)[] }
  /** Half-open intervals of milliseconds. */
  | { readonly kind: "date"; readonly values: readonly (readonly [number, number] | null)[] }
  /** The index of each row's Patient, ascending: those of Patient p are the rows from firsts[p] up to firsts[p + 1]. */
  | { readonly kind: "reference"; readonly values: readonly number[]; readonly firsts: Uint32Array };
export type TokenRows = Token & { readonly rows: Bits };

/** All resources of one type. */
export type Table = {
  readonly size: number;
  readonly ids: readonly string[];
  readonly columns: ReadonlyMap<string, Column>;
  resource(row: number): object;
};
export type Tables = { readonly [T in TypeName]: Table };

const VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const EXTENSION = "https://rare.example/fhir/StructureDefinition";

/** Lays donors out as three resource types with the columns by which they can be searched. */
export const tablesOf = (donors: readonly FhirDonor[]): Tables => {
  const diagnoses = donors.flatMap((donor, owner) =>
    donor.diagnoses.map((codings, at) => {
      const status = donor.verification === undefined ? "confirmed" : (donor.verification[at] ?? null);
      return { codings, owner, status: status === null ? [] : [{ system: VERIFICATION, code: status }] };
    }),
  );
  const samples = donors.flatMap((donor, owner) => donor.samples.map((sample) => ({ sample, owner })));
  const subject = (owner: number) => ({ reference: `Patient/${donors[owner]!.id}` });
  const owners = (rows: readonly { readonly owner: number }[]): readonly (readonly [string, Column])[] => {
    const column = referenceColumn(
      rows.map(({ owner }) => owner),
      donors.length,
    );
    return [
      ["patient", column],
      ["subject", column],
    ];
  };
  return {
    Patient: table(
      donors.map(({ id }) => id),
      tokenColumns(
        donors.map(({ tokens, active = true, replacedBy }) => ({
          ...tokens,
          active: [{ system: null, code: String(active) }],
          link: replacedBy === undefined ? [] : [{ system: null, code: `Patient/${replacedBy}` }],
        })),
      ),
      (row) => patientOf(donors[row]!),
    ),
    Condition: table(
      diagnoses.map((_, row) => `C${row + 1}`),
      [
        ...tokenColumns(diagnoses.map(({ codings, status }) => ({ code: codings, "verification-status": status }))),
        ...owners(diagnoses),
      ],
      (row) => ({
        resourceType: "Condition",
        id: `C${row + 1}`,
        verificationStatus: { coding: diagnoses[row]!.status.map(coding) },
        code: { coding: diagnoses[row]!.codings.map(coding) },
        subject: subject(diagnoses[row]!.owner),
      }),
    ),
    Specimen: table(
      samples.map((_, row) => `S${row + 1}`),
      [
        ...tokenColumns(samples.map(({ sample }) => ({ ...sample.tokens, status: statusOf(sample) }))),
        ...owners(samples),
        [
          "collected",
          { kind: "date", values: samples.map(({ sample }) => sample.collected && dateInterval(sample.collected)) },
        ],
        ["age-at-collection", { kind: "number", values: samples.map(({ sample }) => sample.age) }],
      ] as readonly (readonly [string, Column])[],
      (row) => specimenOf(`S${row + 1}`, samples[row]!.sample, subject(samples[row]!.owner)),
    ),
  };
};

/**
 * The time that a FHIR date stands for, in UTC: all of its year, month, day or second; `a/b` is a period. Null: it is no date.
 */
export const dateInterval = (text: string): readonly [number, number] | null => {
  if (text.includes("/")) {
    const [start, end] = text.split("/").map(dateInterval);
    return start && end ? [start[0], end[1]] : null;
  }
  const [, year, month, day, time] = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(.+))?)?)?$/.exec(text) ?? [];
  if (year === undefined) return null;
  if (time !== undefined) {
    const at = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(time) ? text : `${text}Z`);
    return Number.isNaN(at) ? null : [at, at + 1000];
  }
  const [y, m, d] = [Number(year), month === undefined ? 0 : Number(month) - 1, day === undefined ? 1 : Number(day)];
  const at = (...parts: readonly [number, number, number]): number => {
    const date = new Date(0);
    date.setUTCFullYear(...(parts as [number, number, number]));
    return date.getTime();
  };
  if (month === undefined) return [at(y, 0, 1), at(y + 1, 0, 1)];
  return day === undefined ? [at(y, m, 1), at(y, m + 1, 1)] : [at(y, m, d), at(y, m, d + 1)];
};

const table = (
  ids: readonly string[],
  columns: readonly (readonly [string, Column])[],
  resource: Table["resource"],
): Table => {
  const everyId: Column = { kind: "id", rows: new Map(ids.map((id, row) => [id, row])) };
  return { size: ids.length, ids, columns: new Map([["_id", everyId] as const, ...columns]), resource };
};

const tokenColumns = (rows: readonly Tokens[]): readonly (readonly [string, Column])[] => {
  const names = new Set(rows.flatMap((tokens) => Object.keys(tokens)));
  return [...names].map((name) => [name, tokenColumn(rows.map((tokens) => tokens[name] ?? []))] as const);
};

const tokenColumn = (rows: readonly (readonly Token[])[]): Column => {
  const values = new Map<string, TokenRows>();
  const any = noBits(rows.length);
  rows.forEach((tokens, row) => {
    for (const { system, code } of tokens) {
      const key = `${system ?? ""}|${code}`;
      const found = values.get(key) ?? { system, code, rows: noBits(rows.length) };
      values.set(key, found);
      setBit(found.rows, row);
      setBit(any, row);
    }
  });
  return { kind: "token", values: [...values.values()], any };
};

const referenceColumn = (values: readonly number[], patients: number): Column => {
  const firsts = new Uint32Array(patients + 1);
  for (const patient of values) firsts[patient + 1]!++;
  for (let patient = 0; patient < patients; patient++) firsts[patient + 1]! += firsts[patient]!;
  return { kind: "reference", values, firsts };
};

const coding = ({ system, code }: Token): object => (system === null ? { code } : { system, code });
const extensions = (tokens: Tokens, core: string): readonly object[] =>
  Object.entries(tokens)
    .filter(([name]) => name !== core)
    .flatMap(([name, list]) => list.map((token) => ({ url: `${EXTENSION}/${name}`, valueCoding: coding(token) })));

const statusOf = ({ status = "available" }: FhirDonor["samples"][number]): readonly Token[] =>
  status === null ? [] : [{ system: null, code: status }];

const patientOf = ({ id, tokens, active = true, replacedBy }: FhirDonor): object => {
  const [gender] = tokens["gender"] ?? [];
  return {
    resourceType: "Patient",
    id,
    active,
    ...(replacedBy === undefined
      ? {}
      : { link: [{ type: "replaced-by", other: { reference: `Patient/${replacedBy}` } }] }),
    ...(gender === undefined ? {} : { gender: gender.code }),
    extension: extensions(tokens, "gender"),
  };
};

const collectionOf = (collected: string): object => {
  const [start, end] = collected.split("/");
  return end === undefined ? { collectedDateTime: start } : { collectedPeriod: { start, end } };
};

const specimenOf = (id: string, sample: FhirDonor["samples"][number], subject: object): object => {
  const { tokens, age, collected, status = "available" } = sample;
  return {
    resourceType: "Specimen",
    id,
    ...(status === null ? {} : { status }),
    ...(tokens["type"]?.length ? { type: { coding: tokens["type"].map(coding) } } : {}),
    subject,
    ...(collected === null ? {} : { collection: collectionOf(collected) }),
    extension: [
      ...extensions(tokens, "type"),
      ...(age === null ? [] : [{ url: `${EXTENSION}/age-at-collection`, valueInteger: age }]),
    ],
  };
};
