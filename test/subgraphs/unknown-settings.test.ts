import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isMap, isSeq, parseDocument } from "yaml";
import { ADAPTERS } from "../../adapters/index.ts";
import { yamlFindings } from "./yaml-findings.ts";

const folder = mkdtempSync(join(tmpdir(), "odan-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));
cpSync("subgraphs/banks/bbj/diseases.csv", join(folder, "diseases.csv"));

const findings = (yaml: string) => yamlFindings(folder, yaml);

const HEAD = `id: small
name: Small
contact: { name: Office, email: office@small.example }
size: {}
disclosure: { off: true }
`;
const TABULAR = `adapter:
  kind: tabular
  folder: data
  donors: { file: donors.csv, id: id, sex: sex }
  diseases: { file: diseases.csv, donor: id, code: code }
  uses: { file: uses.csv, donor: id, code: code }
  samples: { file: samples.csv, donor: id, type: type, age: age }
`;
/** Sections that no bundled bank has, and forms of values that none uses. */
const OTHERS = {
  codes: `${HEAD}${TABULAR}disease: { "1": { is: ["ICD10:E10"], relation: exact, label: { en: Diabetes } } }
sex: { F: { is: FEMALE } }
use: { codes: { A: { is: ACADEMIC } } }
age: { off: [0, 1] }
absent: { sex: ["9"] }
release: { announced: true, staleHours: 1 }
access: { requestUrl: "https://a.example", terms: { en: Terms } }
centres: [{ id: c, name: { en: Centre } }]
`,
  access: `${HEAD}adapter:
  kind: beacon
  url: https://a.example/
  auth: { basic: { user: a, password: env:B } }
  tls: { ca: ca.pem }
`,
  oauth: `${HEAD}adapter:
  kind: beacon
  url: https://a.example/
  auth: { oauth: { tokenUrl: "https://a.example/token", clientId: a, clientSecret: env:B } }
`,
};
const FILES: { readonly [name: string]: string } = {
  ...Object.fromEntries(
    readdirSync("subgraphs/banks").map((bank) => [bank, readFileSync(`subgraphs/banks/${bank}/bank.yaml`, "utf8")]),
  ),
  ...OTHERS,
};

/** Sections whose keys are the bank's own: local codes, columns, the systems of a server. */
const OWN_KEYS =
  /^(disease|sex|cohort|family|programme|data|use\.codes|centre|sampleType|sampleOrigin|storage)$|\.(system|only|tubes)$/;
/** Sections with settings of their own below or in place of those keys. */
const TABLE = { disease: ["table", "system"] } as const;

type Section = { readonly path: readonly (string | number)[]; readonly keys: readonly string[] };

/** Every map of a document, but those that hold the bank's own keys. */
const sectionsOf = (yaml: string): readonly Section[] => {
  const sections: Section[] = [];
  const visit = (node: unknown, path: readonly (string | number)[]): void => {
    if (isSeq(node)) for (const [i, item] of node.items.entries()) visit(item, [...path, i]);
    if (!isMap(node)) return;
    const keys = node.items.map(({ key }) => String(key));
    const own = OWN_KEYS.test(path.join(".")) && !TABLE.disease.some((key) => keys.includes(key));
    if (!own) sections.push({ path, keys });
    for (const { key, value } of node.items) visit(value, [...path, String(key)]);
  };
  visit(parseDocument(yaml).contents, []);
  return sections;
};

const withKey = (yaml: string, path: readonly (string | number)[], key: string): string => {
  const document = parseDocument(yaml);
  // Reading the codes of a whole system takes longer than all the rest, and says nothing of the adapter.
  if (path[0] === "adapter") document.deleteIn(["disease"]);
  document.setIn([...path, key], "x");
  return document.toString();
};

test("the files tried here are right, and name every kind of bank", async () => {
  for (const yaml of Object.values(FILES)) expect(await findings(yaml)).toEqual([]);
  const kinds = Object.values(FILES).map((yaml) => parseDocument(yaml).getIn(["adapter", "kind"]));
  expect([...new Set(kinds)].toSorted()).toEqual(Object.keys(ADAPTERS).toSorted());
});

// An unknown setting was reported as one, and nobody learned which there are.
test.each(Object.entries(FILES))("an unknown setting in any section says which there are: %s", async (_, yaml) => {
  const sections = sectionsOf(yaml);
  expect(sections.length).toBeGreaterThan(5);
  for (const { path, keys } of sections) {
    const found = await findings(withKey(yaml, path, "unheardOf"));
    const at = [...path, "unheardOf"].join(".");
    expect(found, at).toHaveLength(1);
    expect(found[0], at).toContain(`, ${at}: unknown setting: wanted one of `);
    const there = /wanted one of (.*), got unheardOf\. Remove it\.$/.exec(found[0]!)?.[1]?.split(", ");
    if (path.at(0) !== "absent") expect(there, at).toEqual(expect.arrayContaining([...keys]));
    // The setting that was meant is named.
    const meant = there?.find((name) => name.length > 4 && !keys.includes(name));
    if (meant === undefined) continue;
    const mistyped = `${meant.slice(0, 2)}${meant.slice(3)}`;
    expect((await findings(withKey(yaml, path, mistyped))).join(), at).toContain(
      `got ${mistyped}. Remove it or write `,
    );
  }
});

// It was accepted with any text, stood in every bundled bank.yaml, and was read nowhere.
test("`release.from` is an unknown setting", async () => {
  expect(await findings(`${HEAD}${TABULAR}release: { from: file }\n`)).toEqual([
    "line 13, release.from: unknown setting: wanted one of announced, staleHours, got from. Remove it.",
  ]);
});
