import { describe, expect, test } from "vitest";
import { lineOf, type Question } from "../../gateway/cli/command-line.ts";
import { HELP } from "../../gateway/cli/help-texts.ts";

/** A line as typed into a shell: words apart by spaces, none of them quoted. */
const read = (line: string) => lineOf(line.split(" "), undefined);
const question = (line: string): Question => {
  const found = read(line);
  if ("variables" in found) return found;
  throw new Error(`${line} asks nothing`);
};
const help = (...command: readonly string[]): string => {
  const found = lineOf([...command, "--help"], undefined);
  if (found.name !== "help") throw new Error(`${command.join(" ")} prints no help`);
  return found.text;
};

describe("criteria become a where", () => {
  const PLASMA = { sample: { type: ["PLASMA"] } };
  const DNA = { sample: { type: ["DNA"] } };
  const E11 = { disease: { codes: ["ICD10:E11"] } };
  const MIDDLE = { from: 40, to: 59 };

  test.each<[line: string, where: unknown]>([
    ["", {}],
    ["--disease ICD10:E11", E11],
    ["--disease ICD10:E10,ICD10:E11", { disease: { codes: ["ICD10:E10", "ICD10:E11"] } }],
    ["--disease ICD10:E11 --disease ICD10:I10", { all: [E11, { disease: { codes: ["ICD10:I10"] } }] }],
    ["--no-descendants --disease ICD10:E11", { disease: { codes: ["ICD10:E11"], descendants: false } }],
    ["--disease ICD10:E11 --sample PLASMA --sample DNA --sex FEMALE", { all: [E11, PLASMA, DNA, { sex: ["FEMALE"] }] }],
    ["--sex=female", { sex: ["FEMALE"] }],
    ["--cohort POPULATION,PATIENT", { cohort: ["POPULATION", "PATIENT"] }],
    [
      "--family trio --data WGS --use commercial",
      { all: [{ family: ["TRIO"] }, { data: ["WGS"] }, { use: ["COMMERCIAL"] }] },
    ],
    [
      "--programme cancer-wgs,PROGRAMME:CONTROL_GROUP",
      { programme: ["PROGRAMME:CANCER_WGS", "PROGRAMME:CONTROL_GROUP"] },
    ],
    ["--centre ncbn/ncgg", { centre: ["ncbn/ncgg"] }],
    ["--sample PLASMA,SERUM", { sample: { type: ["PLASMA", "SERUM"] } }],
    ["--sample ANY", { sample: {} }],
    [
      "--sample PLASMA:age=40-59:year=2013-:origin=TUMOUR:storage=minus-80,LN2",
      {
        sample: {
          type: ["PLASMA"],
          ageAtCollection: MIDDLE,
          collectedYear: { from: 2013 },
          origin: ["TUMOUR"],
          storage: ["MINUS_80", "LN2"],
        },
      },
    ],
    ["--sample :origin=NORMAL", { sample: { origin: ["NORMAL"] } }],
    ["--sample age=-59", { sample: { ageAtCollection: { to: 59 } } }],
    ["--age 40", { sample: { ageAtCollection: { from: 40, to: 40 } } }],
    [
      "--sex MALE --age 40-59 --year -2012",
      { all: [{ sex: ["MALE"] }, { sample: { ageAtCollection: MIDDLE, collectedYear: { to: 2012 } } }] },
    ],
    [
      "--age 40-59 --sample PLASMA --sample DNA:age=60-",
      {
        all: [
          { sample: { type: ["PLASMA"], ageAtCollection: MIDDLE } },
          { sample: { type: ["DNA"], ageAtCollection: { from: 60 } } },
        ],
      },
    ],
    ["--not --disease ICD10:E11", { not: E11 }],
    ["--sample DNA --not --sample PLASMA --disease ICD10:E11", { all: [DNA, { not: PLASMA }, E11] }],
    ["--any --sample DNA --sample PLASMA", { any: [DNA, PLASMA] }],
    [
      "--disease ICD10:E11 --any --sample DNA --not --sample PLASMA --all --sex MALE",
      { all: [E11, { any: [DNA, { not: PLASMA }] }, { sex: ["MALE"] }] },
    ],
    [
      "--any --sample DNA --sample PLASMA --any --sex MALE --disease ICD10:E11",
      { all: [{ any: [DNA, PLASMA] }, { any: [{ sex: ["MALE"] }, E11] }] },
    ],
    ["--not --any --sample DNA --disease ICD10:E11", { not: { any: [DNA, E11] } }],
    ["--any --sample DNA --all --disease ICD10:E11", { all: [DNA, E11] }],
    ['--where {"all":[{"sex":["MALE"]}]} --sample DNA', { all: [{ all: [{ sex: ["MALE"] }] }, DNA] }],
  ])("%s", (line, where) => {
    expect(question(`search ${line}`.trim()).variables["where"]).toEqual(where);
  });
});

test("the rest of the line says how to ask", () => {
  const command = read(
    "search --by SEX --by disease:category --by DISEASE:ICD10:E10-E14 --by SEX,sample --first 5 --bank bbj,tmm --bank ncbn --deadline 2000 --lang ja --json --url https://odan.example/graphql",
  );
  expect(command).toEqual({
    name: "search",
    variables: {
      where: {},
      facets: [
        { by: "SEX", first: 5 },
        { by: "DISEASE", level: "CATEGORY", first: 5 },
        { by: "DISEASE", under: "ICD10:E10-E14", first: 5 },
        { by: "SEX", across: "SAMPLE_TYPE", first: 5 },
      ],
      banks: ["bbj", "tmm", "ncbn"],
      deadlineMs: 2000,
      snapshot: undefined,
      notBefore: undefined,
    },
    publishes: null,
    tokenFile: null,
    language: "ja",
    json: true,
    url: "https://odan.example/graphql",
  });
});

test("a field of --by may be named by one of its words", () => {
  const named = ["sample", "type", "origin", "age", "year", "storage"];
  expect(
    question(
      named
        .map((name) => `--by ${name}`)
        .join(" ")
        .replace(/^/, "search "),
    ).variables["facets"],
  ).toEqual([
    { by: "SAMPLE_TYPE" },
    { by: "SAMPLE_TYPE" },
    { by: "SAMPLE_ORIGIN" },
    { by: "AGE_AT_COLLECTION" },
    { by: "COLLECTED_YEAR" },
    { by: "STORAGE" },
  ]);
});

test("tokens of earlier answers pin the releases, or set a floor", () => {
  const tokens = question("search --snapshot -Ab_9 --not-before Zz-_").variables;
  expect(tokens).toMatchObject({ snapshot: "-Ab_9", notBefore: "Zz-_" });
  expect(question("search --snapshot=--Ab").variables).toMatchObject({ snapshot: "--Ab" });
  expect(question("search --snapshot --Ab").variables).toMatchObject({ snapshot: "--Ab" });
  expect(() => read("search --snapshot --json")).toThrow("option '--snapshot <TOKEN>' argument missing.");
  expect(() => lineOf(["search", "--snapshot", ""], undefined)).toThrow(
    "option '--snapshot <TOKEN>' argument missing.",
  );
});

test("publish names a bank, the release, and its bounds", () => {
  expect(question("publish bbj --number 2026.2 --date 2026-10-01")).toMatchObject({
    variables: { bank: "bbj", release: { number: "2026.2", date: "2026-10-01", size: null }, purge: false },
    publishes: "bbj@2026.2",
    tokenFile: null,
  });
  const all = "publish --purge --donors 0 --samples 900000 --token-file t --number 3 --date 2026-10-01 bbj";
  expect(question(all)).toMatchObject({
    variables: { bank: "bbj", release: { size: { donors: 0, samples: 900000 } }, purge: true },
    publishes: "bbj@3",
    tokenFile: "t",
  });
});

test("every command that asks takes a token, from a file", () => {
  for (const line of ["search", "reading", "concepts als", "find als", "banks", "fields"]) {
    expect(question(`${line} --token-file t`).tokenFile).toBe("t");
    expect(question(line).tokenFile).toBeNull();
  }
  // Whoever lists the processes of a machine would read it.
  expect(() => read("search --token x")).toThrow("unknown option '--token'");
});

test.each([
  ["researcher Hanako", { do: "issue", tier: "REGISTERED", holder: "Hanako", days: 90 }],
  ["researcher --days 30 Hanako", { do: "issue", tier: "REGISTERED", holder: "Hanako", days: 30 }],
  ["operator bbj --days 366", { do: "issue", tier: "OPERATOR", holder: "bbj", days: 366 }],
  ["list", { do: "list", json: false }],
  ["list --json", { do: "list", json: true }],
  ["revoke 0123456789ab", { do: "revoke", which: "0123456789ab" }],
])("token %s", (line, order) => {
  expect(read(`token ${line}`)).toEqual({ name: "token", order });
});

test("the name of a researcher may have spaces and any letters", () => {
  expect(lineOf(["token", "researcher", " 佐藤 花子 "], undefined)).toMatchObject({ order: { holder: "佐藤 花子" } });
  for (const name of ["", " ", "a\nb", "\u202e", "x".repeat(81)]) {
    expect(() => lineOf(["token", "researcher", name], undefined), JSON.stringify(name)).toThrow("wanted a name");
  }
});

test("find looks for all that follows it", () => {
  expect(question("find heart attack --first 5").variables).toEqual({ text: "heart attack", first: 5 });
});

test("concepts looks for all that follows it, or below a code", () => {
  expect(question("concepts type 2 diabetes").variables).toEqual({ text: "type 2 diabetes" });
  expect(question("concepts E11 --first 5").variables).toEqual({ text: "E11", first: 5 });
  expect(question("concepts --under ICD10:E10-E14").variables).toEqual({ under: "ICD10:E10-E14" });
});

test.each([
  ["http://odan.example:4000", "http://odan.example:4000/graphql"],
  ["http://odan.example:4000/", "http://odan.example:4000/graphql"],
  ["http://odan.example:4000//", "http://odan.example:4000/graphql"],
  ["HTTPS://odan.example", "https://odan.example/graphql"],
  ["http://odan.example?key=a/b", "http://odan.example/graphql?key=a/b"],
  ["http://odan.example/graphql/?key=a", "http://odan.example/graphql?key=a"],
  ["http://[::1]:4000#top", "http://[::1]:4000/graphql"],
  ["https://odan.example/api/", "https://odan.example/api/"],
  ["https://odan.example/api/graphql?key=a", "https://odan.example/api/graphql?key=a"],
])("--url %s asks %s", (given, asked) => {
  expect(question(`banks --url ${given}`).url).toBe(asked);
});

test.each([
  [["banks"], "ja_JP.UTF-8", "ja"],
  [["banks"], "C.UTF-8", "en"],
  [["banks"], undefined, "en"],
  [["banks", "--lang", "en"], "ja_JP.UTF-8", "en"],
])("the language of %j where LANG is %s is %s", (args, lang, language) => {
  expect(lineOf(args, lang)).toMatchObject({ language });
});

test.each([
  ["serch", "unknown command 'serch' (Did you mean search?). See odan --help."],
  [
    "--json banks",
    "wanted a command (search, reading, concepts, find, banks, fields, publish, subgraph, bank, key, token), got --json. See odan --help.",
  ],
  ["search --sexx FEMALE", "unknown option '--sexx' (Did you mean --sex?). See odan search --help."],
  ["search --zebra", "unknown option '--zebra'. See odan search --help."],
  ["search FEMALE", "too many arguments for 'search'. Expected 0 arguments but got 1: FEMALE. See odan search --help."],
  ["banks --sex FEMALE", "unknown option '--sex', which belongs to search, reading. See odan banks --help."],
  ["reading --deadline 5", "unknown option '--deadline', which belongs to search."],
  ["search --sex --json", "option '--sex <FEMALE|MALE|OTHER>' argument missing. See odan search --help."],
  ["search --sex --help", "option '--sex <FEMALE|MALE|OTHER>' argument missing. See odan search --help."],
  ["search --sex", "option '--sex <FEMALE|MALE|OTHER>' argument missing. See odan search --help."],
  ["search --json=yes", 'wanted no value after --json, got "yes". See odan search --help.'],
  ["search --sex MALE,", 'wanted values joined by single commas after --sex, got "MALE,".'],
  ["search --age old", 'wanted a range such as 40-59, 40- or -59 for age, got "old".'],
  [
    "search --sample DNA:colour=red",
    'wanted age=, year=, origin= or storage= after the colon of --sample, got "colour=red".',
  ],
  ["search --not", "wanted a criterion after --not, got none."],
  ["search --not --age 40", "wanted a criterion after --not, got --age."],
  ["search --any --all --sex MALE", "wanted criteria after --any, got none."],
  ["search --where []", 'wanted a Where in JSON after --where, got "[]".'],
  ["search --by SEX,AGE,YEAR", "wanted one or two fields after --by, got 3."],
  ["search --by SEX:MALE", "wanted nothing after SEX: in --by, got MALE."],
  [
    "search --by DISEASE:CATEGORYS",
    "wanted CHAPTER, BLOCK, CATEGORY or a code such as ICD10:E10-E14 after DISEASE: in --by, got CATEGORYS. Did you mean CATEGORY?",
  ],
  ["search --deadline soon", 'wanted a whole number above 0 after --deadline, got "soon".'],
  [
    "search --lang fr",
    "option '--lang <LANG>' argument 'fr' is invalid. Allowed choices are en, ja. See odan search --help.",
  ],
  ["concepts", "wanted a name, a number or a code after concepts, or --under, got none."],
  ["concepts als --under BBJ:47", "wanted a name, a number or a code after concepts, or --under, got both."],
  ["publish --number 1 --date 2026-10-01", "missing required argument 'BANK'. See odan publish --help."],
  [
    "publish bbj tmm --number 1 --date 2026-10-01",
    "too many arguments for 'publish'. Expected 1 argument but got 2: bbj tmm.",
  ],
  ["publish bbj --date 2026-10-01", "required option '--number <NUMBER>' not specified. See odan publish --help."],
  ["publish bbj --number 1", "required option '--date <DATE>' not specified. See odan publish --help."],
  ["publish bbj --number 1 --date 2026-02-30", 'wanted a day such as 2026-10-01 after --date, got "2026-02-30".'],
  ["publish bbj --number 1 --date today", 'wanted a day such as 2026-10-01 after --date, got "today".'],
  ["publish bbj --number 1 --date 2026-10-01 --donors -1", 'wanted a whole number after --donors, got "-1".'],
  ["search --purge", "unknown option '--purge', which belongs to publish. See odan search --help."],
  ["reading --snapshot x", "unknown option '--snapshot', which belongs to search. See odan reading --help."],
  ["token", "wanted a command (researcher, operator, list, revoke), got none. See odan token --help."],
  ["token --json", "wanted a command (researcher, operator, list, revoke), got --json. See odan token --help."],
  ["token lst", "unknown command 'lst' (Did you mean list?). See odan token --help."],
  ["token operator", "missing required argument 'BANK'. See odan token operator --help."],
  ["token operator BBJ", 'wanted the id of a bank, small letters, digits and -, such as bbj, got "BBJ".'],
  ["token operator bbj --days 367", "wanted 1 to 366 after --days, got 367."],
  ["token operator bbj --days 0", 'wanted a whole number above 0 after --days, got "0".'],
  ["token list --days 1", "unknown option '--days', which belongs to researcher, operator."],
  ["token revoke", "missing required argument 'ID|NAME'. See odan token revoke --help."],
  [
    "search --url localhost:4000",
    "wanted an http or https address after --url, got localhost:4000. Did you mean http://localhost:4000?",
  ],
  [
    "search --url 10.0.0.1:4000/graphql",
    "wanted an http or https address after --url, got 10.0.0.1:4000/graphql. Did you mean http://10.0.0.1:4000/graphql?",
  ],
  ["search --url ftp://odan.example", "wanted an http or https address after --url, got ftp://odan.example."],
  ["search --url http://", "wanted an http or https address after --url, got http://."],
])("%s is refused in one line", (line, message) => {
  expect(() => read(line)).toThrow(message);
});

test("no command at all is refused as well", () => {
  expect(() => lineOf([], undefined)).toThrow("wanted a command (search, reading,");
});

test("the help says what the fields of --by are, and its examples are lines that are understood", () => {
  const texts = [help(), ...Object.keys(HELP).map((name) => help(name))].join("\n");
  expect(texts).toMatch(/Fields:\s+DISEASE, SEX,/);
  const examples = [...texts.matchAll(/^ {2}odan (.+)$/gm)].map(([, line]) => line!);
  expect(examples.length).toBeGreaterThan(10);
  for (const line of examples) expect(() => read(line)).not.toThrow();
});

test.each(["publish", "subgraph", "token"])("the help lists %s with an example", (name) => {
  expect(help()).toMatch(new RegExp(`^ {2}${name} +[a-z]`, "m"));
  expect(help()).toMatch(new RegExp(`^ {2}odan ${name} \\w`, "m"));
  expect(read(`help ${name}`)).toEqual({ name: "help", text: help(name) });
});
