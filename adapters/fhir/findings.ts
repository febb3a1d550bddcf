import { FIELD_NAMES, FIELDS, type FieldName } from "../../schema/fields.ts";
import { text } from "../../schema/text.ts";
import type { AdapterFinding, MappedCodes } from "../adapter.ts";
import type { Unit } from "../local.ts";
import type { Proven } from "./probe.ts";
import { resourceOf } from "./words.ts";

/** What opening has shown, for the operator: each field that is not asked for, what bounds counts, and what is left out. */
export const findingsOf = (proven: Proven, mapping: MappedCodes): readonly AdapterFinding[] => [
  ...FIELD_NAMES.flatMap((field) => proven.counts.flatMap((unit) => unproven(proven, mapping, field, unit))),
  ...(proven.apart || !proven.words.DONORS.has("SAMPLE_TYPE") ? [] : [APART]),
  ...(proven.server.most > 1 ? [] : [ALONE]),
  ...unfound(proven),
  ...leftOut(proven),
];

const unproven = (
  { words, fields }: Proven,
  mapping: MappedCodes,
  field: FieldName,
  unit: Unit,
): readonly AdapterFinding[] => {
  const word = words[unit].get(field);
  if (word === undefined || fields[field]?.on.includes(unit)) return [];
  const { yaml } = FIELDS[field];
  const resource = resourceOf(unit);
  const codes = mapping[field]?.codes ?? [];
  return [
    {
      id: "fhir.unproven",
      level: "WARNING",
      field,
      column: word.name,
      says: text(
        `${yaml} is not asked for on ${resource}: ${word.name} was not seen to find what is known and nothing else.`,
        `${resource} の ${yaml} は条件に使いません。検索パラメーター ${word.name} の動作を確認できません。`,
      ),
      wanted: `${resource}?${word.name}=${codes[0] ?? "..."} finds a resource that is known to have the value`,
      got: "none, another, or all of them",
      remedy: text(
        "Name a search parameter that the server has and that at least one resource has a mapped value of; index anew after adding one.",
        "サーバーにある検索パラメーターを指定し、対応付けた値を持つデータがあることを確認してください。追加後は再インデックスが必要です。",
      ),
    },
  ];
};

const APART: AdapterFinding = {
  id: "fhir.apart",
  level: "WARNING",
  says: text(
    "Several diseases, or several samples, of one donor are bounded: no two `_has` of one kind were seen to be met by two resources.",
    "1人の複数の疾患・検体を同時に求める検索は範囲で答えます。同種の `_has` を2つ使えることを確認できません。",
  ),
  wanted: "a donor with samples of two types is found by both",
  remedy: text(
    "None is needed where no donor has samples of two mapped types.",
    "対応付けた2種類の検体を持つ提供者がいない場合は対応不要です。",
  ),
};

const ALONE: AdapterFinding = {
  id: "fhir.alone",
  level: "INFO",
  says: text(
    "Each search takes a request of its own, or several: the server takes no `batch` bundles, or states no totals.",
    "検索ごとに1回以上の要求を送ります。サーバーが `batch` を受け付けないか、総数を返しません。",
  ),
  wanted: "a batch-response with Bundle.total",
  remedy: text(
    "Let the account POST bundles of type batch to the base.",
    "アカウントに batch の POST を許可してください。",
  ),
};

/** Resources that no search for donors can find. */
const unfound = ({ slack }: Proven): readonly AdapterFinding[] =>
  Object.entries(slack).flatMap(([what, count]): readonly AdapterFinding[] => {
    if (count === 0) return [];
    const resource = what === "conditions" ? "Condition" : "Specimen";
    return [
      {
        id: "fhir.unfound",
        level: "WARNING",
        says: text(
          `${count} of ${resource} may be any donor's: their subject is no Patient of the server, or their code is in no mapping.`,
          `${resource} ${count} 件は、対象の Patient がないか、コードが対応付けにないため、上限を広げます。`,
        ),
        wanted: "a reference to a Patient, and a mapped code",
        got: String(count),
        remedy: text(
          "Refer to Patients by their id, map each code, or take the field out of `complete`.",
          "Patient を id で参照し、すべてのコードを対応付けるか、`complete` から外してください。",
        ),
      },
    ];
  });

/** What does not count, or perhaps, by the options. */
const leftOut = ({ unsure: { patients, diagnoses, samples } }: Proven): readonly AdapterFinding[] => {
  const told = [
    ["Patient", "adapter.patients", patients?.size],
    ["Condition", "adapter.diseases.verification", diagnoses?.size],
    ["Specimen", "adapter.samples.status", samples === undefined ? undefined : samples.donors.size],
  ] as const;
  return told.flatMap(([resource, option, donors]): readonly AdapterFinding[] => {
    if (donors === 0) return [];
    const got = donors === undefined ? "unknown" : String(donors);
    return [
      {
        id: "fhir.status",
        level: donors === undefined ? "WARNING" : "INFO",
        says: text(
          `${resource}: donors with what does not count, or perhaps, by ${option}: ${got}.`,
          `${resource}: ${option} により数えない、または不確かな提供者: ${donors ?? "不明"}`,
        ),
        wanted: "statuses that count",
        got,
        remedy: text(`Say in ${option} which count.`, `数えるものを ${option} で指定してください。`),
      },
    ];
  });
};
