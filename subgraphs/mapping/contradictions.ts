import type { Named } from "../../adapters/adapter.ts";
import { FIELD_KEYS, FIELDS, type FieldName, isNumberField } from "../../schema/fields.ts";
import type { BankYaml, Meaning } from "./bank-yaml.ts";
import type { Issue } from "./wording.ts";

/** What cannot be true together in one bank.yaml, each part well formed. @param named what the adapter's section says */
export const contradictions = (yaml: BankYaml, named: Named): readonly Issue[] => [
  ...sizeFaults(yaml),
  ...offFaults(yaml),
  ...centreFaults(yaml),
  ...completeFaults(yaml),
  ...absentFaults(yaml),
  ...placeFaults(yaml, named),
  ...spellingFaults(yaml, named),
];

/** How the bank spells codes of ICD-10, where that is not one spelling of each; null: each code has one. */
export const looseSpelling = ({ disease }: BankYaml): "any" | "cm" | null => {
  const spelling = disease !== undefined && "spelling" in disease ? disease.spelling : null;
  return spelling === "any" || spelling === "cm" ? spelling : null;
};

const spellingFaults = (yaml: BankYaml, { readsAnySpelling, readsCategories }: Named): readonly Issue[] => {
  const spelling = looseSpelling(yaml);
  if (spelling === null) return [];
  const systems = [(yaml.disease as { readonly system?: string | readonly string[] }).system ?? []].flat();
  if (systems.some((system) => system !== "ICD10"))
    return [issue(["disease", "spelling"], `wanted ${spelling} with ICD10 alone, got ${systems.join(", ")}.`)];
  return (spelling === "any" ? readsAnySpelling : readsCategories)
    ? []
    : [
        issue(
          ["disease", "spelling"],
          `wanted curie, dotted or plain, as the local API compares codes letter by letter, got ${spelling}.`,
        ),
      ];
};

type Key = keyof typeof FIELD_KEYS;
const KEYS = Object.entries(FIELD_KEYS) as readonly (readonly [Key, FieldName])[];

const issue = (path: readonly PropertyKey[], message: string): Issue => ({ path, message });

const sectionOf = (yaml: BankYaml, key: Key) => (key === "use" ? yaml.use?.codes : yaml[key]);

/** The local codes that a section lists in bank.yaml itself; null where a table, a system or nothing has them. */
const codesOf = (yaml: BankYaml, key: Key): readonly string[] | null => {
  const section = sectionOf(yaml, key);
  if (section === undefined) return [];
  return "table" in section || "system" in section || "off" in section ? null : Object.keys(section);
};

const sizeFaults = ({ size: { donors, samples } }: BankYaml): readonly Issue[] =>
  donors !== undefined && samples !== undefined && samples < donors
    ? [
        issue(
          ["size", "samples"],
          `wanted at least as many samples as donors (${donors}), since every donor gave one, got ${samples}`,
        ),
      ]
    : [];

const offFaults = (yaml: BankYaml): readonly Issue[] =>
  (["age", "year"] as const).flatMap((key) => {
    const [from, to] = yaml[key]?.off ?? [0, 0];
    return from > to
      ? [issue([key, "off"], `wanted the lower end first, got [${from}, ${to}]. Write [${to}, ${from}].`)]
      : [];
  });

const centreFaults = (yaml: BankYaml): readonly Issue[] => {
  const ids = yaml.centres.map(({ id }) => id.toLowerCase());
  const twice = ids.flatMap((id, at) =>
    ids.indexOf(id) < at
      ? [issue(["centres", at, "id"], `wanted each centre once, got ${id} again. Remove one of them.`)]
      : [],
  );
  const section = yaml.centre;
  if (section === undefined || "table" in section) return twice;
  const undeclared = Object.entries(section as { readonly [code: string]: Meaning }).flatMap(([code, meaning]) =>
    valuesOf(meaning)
      .filter((id) => !ids.includes(id.trim().toLowerCase()))
      .map((id) =>
        issue(
          ["centre", code],
          `wanted one of centres, ${ids.join(", ") || "but none is declared"}, got ${id}. Declare it under centres.`,
        ),
      ),
  );
  return [...twice, ...undeclared];
};

const valuesOf = (meaning: Meaning): readonly string[] => {
  const is = typeof meaning === "object" && !Array.isArray(meaning) ? meaning.is : meaning;
  return [is].flat();
};

const completeFaults = (yaml: BankYaml): readonly Issue[] =>
  yaml.complete.flatMap((key, at) => {
    if (yaml.complete.indexOf(key) < at)
      return [issue(["complete", at], `wanted each field once, got ${key} again. Remove one of them.`)];
    if (isNumberField(FIELD_KEYS[key]) || sectionOf(yaml, key) !== undefined) return [];
    return [
      issue(
        ["complete", at],
        `wanted fields with a section of their own, got ${key}. Add the section ${key}, or remove it here.`,
      ),
    ];
  });

const absentFaults = (yaml: BankYaml): readonly Issue[] =>
  Object.entries(yaml.absent).flatMap(([key, marks = []]) => {
    const mapped = codesOf(yaml, key as Key) ?? [];
    return marks.flatMap((mark, at) =>
      mapped.includes(mark)
        ? [
            issue(
              ["absent", key, at],
              `wanted marks that ${key} does not map, got ${JSON.stringify(mark)}. Remove it here or there.`,
            ),
          ]
        : [],
    );
  });

/** What the mapping says of fields and codes that the adapter's section does not know, and the other way round. */
const placeFaults = (yaml: BankYaml, { fields, codes }: Named): readonly Issue[] => {
  const mapped = KEYS.filter(([key]) => sectionOf(yaml, key) !== undefined);
  const without = mapped.filter(([, field]) => !fields.includes(field));
  const warranted = yaml.complete
    .map((key, at) => ({ key, at }))
    .filter(({ key }) => !fields.includes(FIELD_KEYS[key]));
  return [
    ...without.map(([key]) =>
      issue([key], `wanted a place for it in adapter, got none. Say there where ${key} stands, or remove the section.`),
    ),
    ...warranted
      .filter(({ key }) => !without.some(([other]) => other === key))
      .map(({ key, at }) =>
        issue(
          ["complete", at],
          `wanted fields that adapter has a place for, got ${key}. Say there where it stands, or remove it here.`,
        ),
      ),
    ...codes.flatMap(({ field, code, path }) => {
      const known = codesOf(yaml, KEYS.find(([, each]) => each === field)![0]);
      if (known === null || known.includes(code)) return [];
      const section = FIELDS[field].yaml;
      return [
        issue(
          ["adapter", ...path],
          `wanted a code of ${section}, one of ${known.join(", ") || "none"}, got ${code}. Add it to ${section} or mend it here.`,
        ),
      ];
    }),
  ];
};
