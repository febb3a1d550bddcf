import { icd10Categories, icd10Chapters } from "../../schema/codes/icd10.ts";
import type { FaultCode } from "../../schema/faults.ts";
import { FIELD_NAMES } from "../../schema/fields.ts";

/** One request of a hostile client. */
export type Request = {
  readonly name: string;
  /** What is sent; `n` differs each time, for questions that nobody asked before. */
  readonly shot: (n: number) => Shot;
  /** The code of its refusal; null: it is served, at a price. */
  readonly refused: FaultCode | null;
};

/** A GraphQL request by POST, or the bytes of any HTTP request. */
export type Shot =
  | { readonly query: string; readonly variables?: object; readonly accept?: string }
  | { readonly bytes: string };

const times = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join(" ");
const code = (i: number): string => `ICD10:${icd10Categories[i % icd10Categories.length]}`;

/** A year that nobody collected in: what makes a question a new one. */
const ever = (n: number) => ({ sample: { collectedYear: { to: 4000 + (n % 5000) } } });

const served = (name: string, shot: Request["shot"]): Request => ({ name, shot, refused: null });
const refused = (name: string, code: FaultCode, shot: Request["shot"]): Request => ({ name, shot, refused: code });

const doc = (query: string) => (): Shot => ({ query });
const ask = (where: (n: number) => object, facets?: readonly object[], fields = "donors { min max }") => {
  const query = `query ($where: Where!, $facets: [FacetInput!]) { search(where: $where, facets: $facets) { ${fields} } }`;
  return (n: number): Shot => ({ query, variables: { where: where(n), ...(facets && { facets }) } });
};

/** Aliases on each of six levels below `banks`. */
const bomb = (n: number, condition = ""): string => {
  const level = (field: string, below: string) => times(n, (i) => `${field[0]}${i}: ${field} ${below}`);
  return `{ ${level(`banks ${condition}`, "{ ...B }")} }
    fragment B on Bank { ${level("capabilities", "{ ...C }")} } fragment C on Capabilities { ${level("fields", "{ ...F }")} }
    fragment F on FieldSupport { ${level("values", "{ ...V }")} } fragment V on ValueSupport { ${level("value", "{ ...X }")} }
    fragment X on Value { ${level("label", "{ en ja }")} }`;
};
const CARD = `id name { en ja } description { en } url contact { name { en } email } centres { id name { en ja } }
  capabilities { counts fields { field verdict facet systems values { verdict value { value label { en ja } } } } }`;
const introspection = (below: string) => `__schema { types { name ${below} } }`;

const documents: readonly Request[] = [
  refused("aliases on six levels, 4 of each", "TOO_COSTLY", doc(bomb(4))),
  refused("aliases on six levels, 10 of each", "TOO_COSTLY", doc(bomb(10))),
  refused("aliases on six levels, 2 of each", "TOO_COSTLY", doc(bomb(2))),
  refused(
    "aliases on six levels, 40 of each, skipped",
    "TOO_COSTLY",
    doc(`{ ...Q @skip(if: false) } fragment Q on Query ${bomb(40)}`),
  ),
  served(
    "40 aliases on five levels that are skipped",
    doc(`{ __typename ...Q @skip(if: true) } fragment Q on Query ${bomb(40)}`),
  ),
  refused("100 aliases of banks", "TOO_COSTLY", doc(`{ ${times(100, (i) => `b${i}: banks { id }`)} }`)),
  served("20 aliases of banks with their cards", doc(`{ ${times(20, (i) => `b${i}: banks { ${CARD} }`)} }`)),
  served(
    "banks with a release, so not on the fast path",
    doc(`{ ${times(2, (i) => `b${i}: banks { release { id } ${CARD} }`)} }`),
  ),
  served("100 aliases of a release", doc(`{ banks { ${times(100, (i) => `r${i}: release { id }`)} } }`)),
  served("100 aliases of every text of a bank", doc(`{ banks { ${times(100, (i) => `n${i}: name { en ja }`)} } }`)),
  refused("101 aliases of __typename", "TOO_COSTLY", doc(`{ limits { ${times(101, (i) => `t${i}: __typename`)} } }`)),
  served("an object 1,200 times", doc(`{ fields { ${times(1200, () => "label { en }")} } }`)),
  served(
    "330 fragments of one object",
    doc(
      `{ fields { ${times(330, (i) => `...F${i}`)} } } ${times(330, (i) => `fragment F${i} on Field { label { en } }`)}`,
    ),
  ),
  served(
    "a chain of 550 fragments",
    doc(
      `{ fields { ...F0 } } ${times(550, (i) => `fragment F${i} on Field { ...F${i + 1} }`)} fragment F550 on Field { field }`,
    ),
  ),
  refused("400 operations", "BAD_REQUEST", doc(times(400, (i) => `query Q${i} { fields { field } }`))),
  refused("4,800 unknown fields", "BAD_REQUEST", doc(`{ fields { ${times(4800, (i) => `fielb${i}`)} } }`)),
  refused(
    "200 long unknown fields",
    "BAD_REQUEST",
    doc(`{ fields { ${times(200, (i) => `${"f".repeat(1000)}${i}`)} } }`),
  ),
  refused(
    "650 directives on one field",
    "BAD_REQUEST",
    doc(`{ fields { field ${times(650, () => "@include(if: true)")} } }`),
  ),
  refused("5,001 tokens", "TOO_COSTLY", doc(`{ fields { ${times(5000, () => "field")} } }`)),
  served("a comment of 200 kB", doc(`{ limits { depth } } #${"x".repeat(200_000)}`)),
  refused(
    "20,000 levels",
    "TOO_DEEP",
    doc(`{ search(where: ${"{ not: ".repeat(20_000)}{}${"}".repeat(20_000)}) { id } }`),
  ),
  served(
    "the schema",
    doc(
      `{ ${introspection("fields { name args { name type { name ofType { name } } } type { name ofType { name ofType { name } } } } enumValues { name } inputFields { name }")} }`,
    ),
  ),
  refused(
    "types of types of the schema under 20 aliases",
    "TOO_COSTLY",
    doc(`{ ${times(20, (i) => `s${i}: ${introspection("fields { type { fields { name args { name } } } }")}`)} }`),
  ),
  refused(
    "types of types of types of the schema",
    "BAD_REQUEST",
    doc(`{ ${introspection("fields { type { fields { type { fields { name } } } } }")} }`),
  ),
  served(
    "24 aliases of everything small",
    doc(
      `{ ${times(8, (i) => `a${i}: fields { field values { value label { en ja } } } b${i}: limits { depth } c${i}: faults { code says { en ja } remedy { en ja } }`)} }`,
    ),
  ),
];

const lists = (count: number, length: number, op: "any" | "all") => (n: number) => ({
  [op]: Array.from({ length: count }, (_, i) => ({
    disease: { codes: Array.from({ length }, (_, k) => code(n + i * length + k)) },
  })),
});

const questions: readonly Request[] = [
  served("any of 20 lists of 50 codes", ask(lists(20, 50, "any"))),
  served("any of 50 lists of 20 codes", ask(lists(50, 20, "any"))),
  served("all of 5 lists of 200 codes", ask(lists(5, 200, "all"))),
  served("all of 20 lists of 50 codes", ask(lists(20, 50, "all"))),
  refused("any of 50 lists of 100 codes", "TOO_COSTLY", ask(lists(50, 100, "any"))),
  refused("a list of 201 codes", "BAD_QUESTION", ask(lists(1, 201, "any"))),
  served(
    "all of 50 samples",
    ask((n) => ({
      all: Array.from({ length: 50 }, (_, i) => ({ sample: { collectedYear: { from: 1900 + i, to: 4000 + n } } })),
    })),
  ),
  served(
    "all of 50 diseases",
    ask((n) => ({ all: Array.from({ length: 50 }, (_, i) => ({ disease: { codes: [code(n + 31 * i)] } })) })),
  ),
  served(
    "any of 25 pairs",
    ask((n) => ({
      any: Array.from({ length: 25 }, (_, i) => ({
        sex: [["FEMALE", "MALE", "OTHER"][i % 3]],
        disease: { codes: [code(n + 17 * i)] },
      })),
    })),
  ),
  served(
    "none of 50 diseases",
    ask((n) => ({ all: Array.from({ length: 50 }, (_, i) => ({ not: { disease: { codes: [code(n + 13 * i)] } } })) })),
  ),
  served(
    "seven levels of any and all",
    ask((n) =>
      Array.from({ length: 6 }, (_, i) => i).reduce<object>(
        (inner, i) => ({
          [i % 2 ? "any" : "all"]: [
            inner,
            { disease: { codes: [code(n + 7 * i)] } },
            { not: { disease: { codes: [code(n + 11 * i)] } } },
          ],
        }),
        ever(n),
      ),
    ),
  ),
  served(
    "ranges of all chapters",
    ask((n) => ({ ...ever(n), any: icd10Chapters.map((chapter) => ({ disease: { codes: [`ICD10:${chapter}`] } })) })),
  ),
  served(
    "every value of every field",
    ask((n) => ({
      ...ever(n),
      sex: ["FEMALE", "MALE", "OTHER"],
      cohort: ["POPULATION", "PATIENT", "FAMILY"],
      data: ["WGS", "WES", "SNP_ARRAY"],
      use: ["ACADEMIC", "COMMERCIAL"],
    })),
  ),
  served("12 new questions at once", (n) => ({
    query: `{ ${times(12, (i) => `s${i}: search(where: { sample: { collectedYear: { to: ${4000 + ((n * 12 + i) % 5000)} } } }) { donors { min } }`)} }`,
  })),
  refused(
    "25 questions at once",
    "TOO_COSTLY",
    doc(`{ ${times(25, (i) => `s${i}: search(where: {}) { donors { min } }`)} }`),
  ),
  refused(
    "an unknown code",
    "UNKNOWN_CODE",
    ask(() => ({ disease: { codes: ["ICD10:ZZZ"] } })),
  ),
];

const cells = "complete facets { cells { counts { donors { min } } } }";
const facet = (name: string, facets: readonly object[], refusal: FaultCode | null = null): Request => ({
  name: `facets: ${name}`,
  shot: ask(ever, facets, cells),
  refused: refusal,
});
const facets: readonly Request[] = [
  facet("diseases by category", [{ by: "DISEASE", level: "CATEGORY", first: 1 }]),
  facet("diseases by category, 200 rows", [{ by: "DISEASE", level: "CATEGORY", first: 200 }]),
  facet("twice by category, once filtered", [
    { by: "DISEASE", level: "CATEGORY" },
    { by: "DISEASE", level: "CATEGORY", under: "ICD10:C00-D48" },
  ]),
  facet("by block and storage", [{ by: "DISEASE", level: "BLOCK", across: "STORAGE", first: 1 }]),
  facet("by year and age", [{ by: "COLLECTED_YEAR", across: "AGE_AT_COLLECTION" }]),
  facet("by type and year", [{ by: "SAMPLE_TYPE", across: "COLLECTED_YEAR", first: 200 }]),
  facet("by chapter and data", [{ by: "DISEASE", across: "DATA", first: 200 }]),
  facet(
    "nine",
    ["DISEASE", "SEX", "COHORT", "PROGRAMME", "DATA", "USE", "SAMPLE_TYPE", "AGE_AT_COLLECTION", "COLLECTED_YEAR"].map(
      (by) => ({ by }),
    ),
  ),
  facet("2,000 values that the asker names", [
    { by: "DISEASE", values: icd10Categories.slice(0, 2000).map((each) => `ICD10:${each}`) },
  ]),
  facet(
    "three times by category",
    Array.from({ length: 3 }, () => ({ by: "DISEASE", level: "CATEGORY", first: 1 })),
    "TOO_COSTLY",
  ),
  facet(
    "ten",
    FIELD_NAMES.slice(0, 10).map((by) => ({ by })),
    "BAD_QUESTION",
  ),
  {
    name: "facets: by block in five questions",
    refused: null,
    shot: (n) => ({
      query: `{ ${times(5, (i) => `s${i}: search(where: { sample: { collectedYear: { to: ${4000 + ((n * 5 + i) % 5000)} } } }, facets: [{ by: DISEASE, level: BLOCK }]) { complete }`)} }`,
    }),
  },
];

const words: readonly Request[] = [
  served(
    "200 concepts and how banks record them",
    doc('{ concepts(text: "a", first: 200) { code label { en ja } banks { bank { id } verdict } } }'),
  ),
  refused(
    "200 concepts with the cards of their banks",
    "TOO_COSTLY",
    doc(`{ concepts(text: "a", first: 200) { banks { bank { ${CARD} } } } }`),
  ),
  served(
    "10 lists of 200 concepts",
    doc(
      `{ ${times(10, (i) => `c${i}: concepts(text: "${"aeiounrst"[i % 9]}", first: 200) { code label { en } matched hasChildren }`)} }`,
    ),
  ),
  served("30 searches for names", (n) => ({
    query: `{ ${times(30, (i) => `c${i}: concepts(text: "${String.fromCharCode(97 + ((n + i) % 26))}${String.fromCharCode(97 + (i % 26))}", first: 200) { code }`)} }`,
  })),
  served(
    "100 concepts and their relations",
    doc('{ concepts(text: "a", first: 100) { related { code label { en ja } verdict } } }'),
  ),
  served("a text of 200 kB", () => ({
    query: "query ($text: String) { concepts(text: $text) { code } }",
    variables: { text: "a".repeat(200_000) },
  })),
  served("a reading of 50 diseases", (n) => ({
    query:
      "query ($where: Where!) { reading(where: $where) { banks { understanding { verdict says { en ja } local { value } } } } }",
    variables: { where: { all: Array.from({ length: 50 }, (_, i) => ({ disease: { codes: [code(n + 29 * i)] } })) } },
  })),
  served("20 readings", (n) => ({
    query: `{ ${times(20, (i) => `r${i}: reading(where: { disease: { codes: ["${code(n * 20 + i)}"] } }) { banks { understanding { verdict } } }`)} }`,
  })),
  served("12 availabilities at each bank", (n) => ({
    query: `{ banks { ${times(12, (i) => `a${i}: availability(where: { sample: { collectedYear: { to: ${4000 + ((n * 12 + i) % 5000)} } } }) { donors { min } }`)} } }`,
  })),
  refused(
    "a forged token of 100 kB",
    "BAD_SNAPSHOT",
    doc(`{ search(where: {}, snapshot: "${"A".repeat(100_000)}") { id } }`),
  ),
  refused(
    "500 banks that nobody knows",
    "UNKNOWN_BANK",
    doc(`{ search(where: {}, banks: [${times(500, (i) => `"b${i}"`)}]) { id } }`),
  ),
];

const STREAM = "text/event-stream";
const streams: readonly Request[] = [
  served("a subscription with nine facets", (n) => ({
    accept: STREAM,
    query: `subscription { search(where: { sample: { collectedYear: { to: ${4000 + (n % 5000)} } } }, facets: [${["DISEASE", "SEX", "COHORT", "DATA", "USE", "SAMPLE_TYPE", "STORAGE"].map((by) => `{ by: ${by} }`).join()}]) { search { ${cells} } answers { status facets { cells { counts { donors { min } } } } } } }`,
  })),
  served("banks one by one", doc("{ search(where: {}) { banks @stream { status bank { id } donors { min } } } }")),
  served(
    "100 parts that are deferred",
    (): Shot => ({
      accept: "multipart/mixed",
      query: `{ banks { ${times(100, (i) => `... @defer(label: "${i}") { name { en } }`)} } }`,
    }),
  ),
  refused(
    "1,000 parts that are deferred",
    "TOO_COSTLY",
    (): Shot => ({
      accept: "multipart/mixed",
      query: `{ banks { ${times(400, (i) => `... @defer(label: "${i}") { name { en } }`)} } b: banks { ${times(400, (i) => `... @defer(label: "b${i}") { id }`)} } }`,
    }),
  ),
  refused(
    "@stream with a count below zero",
    "BAD_REQUEST",
    doc("{ search(where: {}) { banks @stream(initialCount: -1) { status } } }"),
  ),
];

const post = (headers: string, body: string): string =>
  `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/graphql-response+json\r\nConnection: close\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const JSON_TYPE = "Content-Type: application/json\r\n";
const http = (name: string, code: FaultCode | null, bytes: string): Request => ({
  name: `HTTP: ${name}`,
  refused: code,
  shot: () => ({ bytes }),
});
const https: readonly Request[] = [
  http("a Host that is none", "BAD_REQUEST", post(JSON_TYPE, "{}").replace("Host: 127.0.0.1", "Host: a b")),
  http("a strange Host", "HOST_NOT_ALLOWED", post(JSON_TYPE, "{}").replace("Host: 127.0.0.1", "Host: evil.example")),
  http(
    "a form",
    "UNSUPPORTED_MEDIA_TYPE",
    post("Content-Type: application/x-www-form-urlencoded\r\n", "query=%7B__typename%7D"),
  ),
  http("a body that is zipped", "UNSUPPORTED_MEDIA_TYPE", post(`${JSON_TYPE}Content-Encoding: gzip\r\n`, "xxxx")),
  http("200 kB of broken JSON", "BAD_REQUEST", post(JSON_TYPE, `{"query":"${"x".repeat(200_000)}`)),
  http("a body of 300 kB", "BODY_TOO_LARGE", post(JSON_TYPE, "x".repeat(300_000))),
  http(
    "a chunked body",
    "LENGTH_REQUIRED",
    `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ),
  http(
    "no JSON in variables",
    "BAD_REQUEST",
    "GET /graphql?query=%7B__typename%7D&variables=%7Bx HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
  ),
  http(
    "120,000 levels of JSON",
    "TOO_DEEP",
    post(JSON_TYPE, `{"query":"{__typename}","variables":{"a":${"[".repeat(60_000)}${"]".repeat(60_000)}}}`),
  ),
  http(
    "12,000 wrong values in variables",
    "BAD_REQUEST",
    post(
      JSON_TYPE,
      JSON.stringify({
        query: "query ($w: Where!) { search(where: $w) { id } }",
        variables: { w: { sex: Array.from({ length: 12_000 }, () => "X") } },
      }),
    ),
  ),
  http(
    "a list of 15,000 right values",
    "BAD_QUESTION",
    post(
      JSON_TYPE,
      JSON.stringify({
        query: "query ($w: Where!) { search(where: $w) { id } }",
        variables: { w: { sex: Array.from({ length: 900 }, () => "FEMALE") } },
      }),
    ),
  ),
  http("another path", "NOT_FOUND", "GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"),
];

const SUBGRAPH_SEX = { v: 1, where: { sex: ["FEMALE"] }, facets: [] };
const toSubgraph = (name: string, query: string, questions: string): Request => ({
  name: `subgraph: ${name}`,
  refused: null,
  shot: () => ({ bytes: post(JSON_TYPE, `{"query":${JSON.stringify(query)},"variables":{"q":${questions}}}`) }),
});
const READ = "query ($q: [JSON!]!) { readings(questions: $q) }";

/** What clients send to the port of a subgraph, which is one of this machine; it may refuse any of it. */
export const SUBGRAPH_REQUESTS: readonly Request[] = [
  toSubgraph("300 questions", READ, JSON.stringify(Array.from({ length: 300 }, () => SUBGRAPH_SEX))),
  toSubgraph("50,000 levels", READ, `${"[".repeat(50_000)}${"]".repeat(50_000)}`),
  toSubgraph(
    "a facet of 9,999 values",
    READ,
    JSON.stringify([
      {
        ...SUBGRAPH_SEX,
        facets: [{ by: { field: "DISEASE", values: Array.from({ length: 9_999 }, (_, i) => code(i)) } }],
      },
    ]),
  ),
  toSubgraph(
    "a field that is none",
    READ,
    JSON.stringify([{ ...SUBGRAPH_SEX, facets: [{ by: { field: "constructor", values: ["a"] } }] }]),
  ),
  toSubgraph("100 leases", `{ ${times(100, (i) => `l${i}: lease`)} }`, "[]"),
];

/** What hostile clients send, each at an edge of the limits. A new one is a line. */
export const REQUESTS: readonly Request[] = [...documents, ...questions, ...facets, ...words, ...streams, ...https];

/** Categories of the chapters that the banks of the sandbox hold most of. */
const COMMON = icd10Categories.filter((category) => /^[CEIJK]/.test(category));

/** The README's question about one disease. */
export const readmeQuestion = (n: number): Shot => ({
  query: `query ($where: Where!) { search(where: $where) { complete donors { min max because } samples { min max because }
    banks { bank { id } status donors { min max because } understanding { verdict says { en } } } } }`,
  variables: {
    where: {
      disease: { codes: [`ICD10:${COMMON[n % COMMON.length]}`] },
      sex: ["FEMALE"],
      all: [{ sample: { type: ["PLASMA"] } }, { sample: { type: ["DNA"] } }],
    },
  },
});
