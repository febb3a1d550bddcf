import { setImmediate } from "node:timers/promises";
import { serialize, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import {
  buildSchema,
  type ExecutionArgs,
  execute,
  extendSchema,
  type GraphQLFieldResolver,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import { createSchema } from "graphql-yoga";
import { describe, expect, test } from "vitest";
import { fastPath, type JsonResult, reuseRoots } from "../../gateway/http/fast-path/execute.ts";
import { isExact } from "../../schema/count.ts";
import { PUBLIC_SDL } from "../../schema/sdl.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const heap = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

type Given = { readonly values: { readonly [field: string]: unknown }; readonly asked: string[] };

/** Gives what the root value of an execution has for the field. */
const rootResolver: GraphQLFieldResolver<Given, unknown> = ({ values, asked }, _args, _context, info) => {
  asked.push(String(info.path.key));
  const value = values[info.fieldName];
  return typeof value === "function" ? value() : value;
};
// Once an item of a list fails, execution leaves the promises of other items unhandled: these throw instead.
const failing = (field: string) => () => {
  throw new Error(`no bank says its ${field}`);
};

/** The public schema with resolvers where the gateway has some. */
const schema = reuseRoots(
  createSchema<unknown>({
    typeDefs: PUBLIC_SDL,
    resolvers: {
      Query: Object.fromEntries(
        ["search", "reading", "banks", "bank", "concepts", "fields", "limits"].map((field) => [field, rootResolver]),
      ),
      Bank: { availability: failing("availability"), release: failing("release") },
      Count: { exact: isExact },
    },
  }),
);

const COMPUTED = { Count: { exact: isExact } };

const textOf = (result: unknown): string => {
  const { stringify } = result as Partial<JsonResult>;
  return stringify === undefined ? JSON.stringify(result) : stringify(result);
};

const unexpected = (error: unknown): never => {
  throw error;
};

/** What the fast path answers, and whether it did so without execution. An error of its own fails the test. */
const quick = async (args: ExecutionArgs): Promise<{ readonly text: string; readonly fast: boolean }> => {
  let fast = true;
  const fallback = (given: ExecutionArgs) => {
    fast = false;
    return execute(given);
  };
  const text = textOf(await fastPath({ computed: COMPUTED, execute: fallback, report: unexpected })(args));
  return { text, fast };
};

const slow = async (args: ExecutionArgs): Promise<string> => JSON.stringify(await execute(args));

// --- Random values of a type, now and then one that is no plain data, or wrong ---

const ODD = fc.constantFrom<unknown>(
  null,
  undefined,
  "odd",
  1.5,
  2 ** 40,
  Number.NaN,
  true,
  [],
  {},
  () => "made",
  () => null,
  () => {
    throw new Error("a fault");
  },
  async () => 7,
  async () => {
    throw new Error("a late fault");
  },
  new Error("an error as a value"),
  new Set(["a", "b"]),
);
const TEXT = fc.oneof(
  fc.constantFrom("ICD10:E11", "糖尿病", 'a "quote"', "back\\slash", "line\nbreak", "\u2028", "\ud800", "💉", ""),
  fc.string({ maxLength: 6 }),
);
const INT = fc.oneof(fc.integer(), fc.nat(1000), fc.constantFrom(0, -0, 2 ** 31 - 1, -(2 ** 31)));
const LEAVES: { readonly [type: string]: fc.Arbitrary<unknown> } = {
  Int: INT,
  Boolean: fc.boolean(),
  String: TEXT,
  ID: fc.oneof(TEXT, fc.nat()),
  JSON: fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.date({ noInvalidDate: true })),
};

const anyOf = (type: GraphQLOutputType, odd: number, depth = 6): fc.Arbitrary<unknown> => {
  const plain = isNonNullType(type)
    ? nonNull(type.ofType, odd, depth)
    : fc.oneof(fc.constant(null), nonNull(type, odd, depth), nonNull(type, odd, depth));
  return odd === 0 ? plain : fc.oneof({ weight: odd, arbitrary: plain }, { weight: 1, arbitrary: ODD });
};

const nonNull = (type: GraphQLOutputType, odd: number, depth: number): fc.Arbitrary<unknown> => {
  const bare = getNullableType(type);
  if (isListType(bare)) return fc.array(anyOf(bare.ofType, odd, depth), { maxLength: depth > 0 ? 2 : 0 });
  if (isEnumType(bare)) return fc.constantFrom(...bare.getValues().map(({ name }) => name));
  if (!isObjectType(bare)) return LEAVES[bare.toString()] ?? TEXT;
  return fc.record(
    Object.fromEntries(
      Object.values(bare.getFields())
        .filter(({ args }) => args.length === 0)
        .map((field) => [field.name, fc.constant(null).chain(() => anyOf(field.type, odd, depth - 1))]),
    ),
  );
};

// --- Random operations ---

const REQUIRED: { readonly [field: string]: string } = {
  search: "(where: {})",
  reading: "(where: $where)",
  bank: '(id: "a")',
  concepts: '(text: "diabetes", first: 3)',
  availability: "(where: {})",
};
const CONDITIONS = fc.oneof(
  { weight: 6, arbitrary: fc.constant("") },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "@skip(if: $yes)",
      "@skip(if: $no)",
      "@include(if: $yes)",
      "@include(if: $no)",
      "@include(if: true)",
      "@skip(if: true)",
      "@include(if: $yes) @skip(if: $no)",
    ),
  },
);
/** An alias names the field and its type, so that what has one name always merges. */
const alias = (type: string, field: string) => fc.constantFrom("", "", `${type}_${field}: `, `z_${field}_${type}: `);

const selection = (type: GraphQLNamedOutputType, depth: number): fc.Arbitrary<string> => {
  if (!isObjectType(type)) return fc.constant("");
  const fields = Object.values(type.getFields()).filter(
    (field) => depth > 0 || !isObjectType(getNamedType(field.type)),
  );
  const one = fc.oneof(
    { weight: 1, arbitrary: CONDITIONS.map((condition) => `__typename ${condition}`) },
    ...(fields.length === 0 ? [] : [{ weight: 8, arbitrary: fc.constantFrom(...fields).chain(oneField(type, depth)) }]),
    ...(depth > 0 ? [{ weight: 1, arbitrary: wrapped(type, depth) }] : []),
    ...(FRAGMENTS.includes(type.name) ? [{ weight: 1, arbitrary: fc.constant(`...Some${type.name}`) }] : []),
  );
  return fc.array(one, { minLength: 1, maxLength: 3 }).map((parts) => `{ ${parts.join(" ")} }`);
};

const oneField =
  (type: GraphQLObjectType, depth: number) =>
  (field: ReturnType<GraphQLObjectType["getFields"]>[string]): fc.Arbitrary<string> =>
    fc
      .tuple(alias(type.name, field.name), CONDITIONS, selection(getNamedType(field.type), depth - 1))
      .map(([as, condition, below]) => `${as}${field.name}${REQUIRED[field.name] ?? ""} ${condition} ${below}`);

const wrapped = (type: GraphQLObjectType, depth: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom("...", `... on ${type.name}`),
      CONDITIONS,
      fc.constant(null).chain(() => selection(type, depth - 1)),
    )
    .map(([how, condition, below]) => `${how} ${condition} ${below}`);

const FRAGMENTS: readonly string[] = ["Count", "CellCounts", "Text", "Release", "Value"];
const fragment = (name: string): string =>
  ({
    Count:
      "fragment SomeCount on Count { exact max ...OtherCount }\nfragment OtherCount on Count { because @skip(if: $no) min }",
    CellCounts: "fragment SomeCellCounts on CellCounts { samples { ...SomeCount } donors { min } }",
    Text: "fragment SomeText on Text { ja missing en @include(if: $yes) }",
    Release: "fragment SomeRelease on Release { date id kind }",
    Value: "fragment SomeValue on Value { label { ...SomeText } value }",
  })[name] ?? "";

const DOCUMENT = selection(schema.getQueryType()!, 6).map(
  (fields) =>
    `query q($yes: Boolean! = true, $no: Boolean!, $where: Where!) ${fields}\n${FRAGMENTS.map(fragment).join("\n")}`,
);

const rootValues = (odd: number) =>
  fc.record(
    Object.fromEntries(
      Object.values(schema.getQueryType()!.getFields()).map((field) => [field.name, anyOf(field.type, odd)]),
    ),
  );

/** Fragments that an operation does not use, and variables, are no fault of execution. */
const isExecutable = (text: string): boolean =>
  validate(schema, parse(text)).every(({ message }) => /never used/.test(message));

const compare = async (odd: number, least: number): Promise<void> => {
  let [fast, all] = [0, 0];
  await fc.assert(
    fc.asyncProperty(DOCUMENT, rootValues(odd), fc.boolean(), async (text, values, yes) => {
      fc.pre(isExecutable(text));
      const asked: string[] = [];
      const args = {
        schema,
        document: parse(text),
        variableValues: { yes, no: !yes, where: { sex: ["FEMALE"] } },
        contextValue: { request: { signal: new AbortController().signal } },
      };
      const want = await slow({ ...args, rootValue: { values, asked: [] } });
      const got = await quick({ ...args, rootValue: { values, asked } });
      expect(got.text).toBe(want);
      expect(asked).toEqual([...new Set(asked)]);
      all += 1;
      if (got.fast) fast += 1;
    }),
    { seed: 20261122, numRuns: 250 },
  );
  expect(fast).toBeGreaterThanOrEqual(least * all);
};

describe("the fast path answers byte by byte what execution answers", () => {
  test("for plain data, most of the time without execution", () => compare(0, 0.4), 60_000);
  test("for data with nulls, faults, functions, promises and wrong values in them", () => compare(40, 0.1), 60_000);
});

/** A field under so many names. */
const some = (times: number, field: string): string =>
  Array.from({ length: times }, (_, i) => `a${i}: ${field}`).join(" ");

/** 11 fields, each with 11, each with 11. */
const MANY = `{ concepts(text: "a") { ${some(11, "related { ...R }")} } }
    fragment R on Relation { ${some(11, "label { ...T }")} }
    fragment T on Text { ${some(11, "en")} }`;

describe("what is not plain is left to execution", () => {
  const ask = (query: string, values: Given["values"], asked: string[] = []) =>
    quick({ schema, document: parse(query), rootValue: { values, asked } });

  test("an object of which nothing is selected must still be there", async () => {
    const query = '{ concepts(text: "a") { code @skip(if: true) } }';
    expect(await ask(query, { concepts: [{}] })).toEqual({ text: '{"data":{"concepts":[{}]}}', fast: true });
    const { text, fast } = await ask(query, { concepts: [null] });
    expect(fast).toBe(false);
    expect(JSON.parse(text).errors[0].message).toBe("Cannot return null for non-nullable field Query.concepts.");
  });

  test("a root field that fails, or gives a function below, is asked once all the same", async () => {
    const asked: string[] = [];
    const query = "{ a: limits { facets } b: fields { field } c: limits { facets } }";
    const values = { limits: { facets: () => 9 }, fields: async () => Promise.reject(new Error("a fault")) };
    const { text, fast } = await ask(query, values, asked);
    expect(fast).toBe(false);
    expect(JSON.parse(text)).toMatchObject({ data: null, errors: [{ message: "a fault", path: ["b"] }] });
    expect(asked).toEqual(["a", "b", "c"]);
  });

  test.each([
    ["introspection", "{ __schema { description } }"],
    ["a field with a resolver of its own", '{ bank(id: "a") { id release { id } } }'],
    ["a field with arguments", '{ bank(id: "a") { availability(where: {}) { status } } }'],
    ["one field of several", '{ limits { facets } __type(name: "Count") { name } }'],
    ["more fields than fragments need words for", MANY],
    ["an operation that is not there", "query a { limits { facets } } query b { limits { facets } }"],
    ["a variable that is not there", "query a($text: String!) { concepts(text: $text) { code } }"],
    ["an argument that is wrong", "{ concepts(first: 1.5) { code } }"],
  ])("%s", async (_, query) => {
    const values = { bank: null, limits: { facets: 9 }, concepts: [] };
    const asked: string[] = [];
    const { text, fast } = await ask(query, values, asked);
    expect(fast).toBe(false);
    expect(text).toBe(await slow({ schema, document: parse(query), rootValue: { values, asked: [] } }));
  });

  test("@defer and @stream", async () => {
    const directives =
      "directive @defer(if: Boolean, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT directive @stream on FIELD";
    const incremental = extendSchema(schema, parse(directives));
    const rootValue = { values: { limits: { facets: 9 }, fields: [] }, asked: [] };
    for (const query of [
      "{ limits { ... @defer { facets } } }",
      "{ ... @defer { limits { facets } } }",
      "{ fields @stream { field } }",
    ]) {
      const { fast } = await quick({ schema: incremental, document: parse(query), rootValue });
      expect([query, fast]).toEqual([query, false]);
    }
  });
});

// Any error in here was taken for data that is not plain: a fault of ours made queries slow, and nobody saw it.
test("an error of the fast path itself is reported, and execution answers", async () => {
  const fault = new TypeError("a fault of ours");
  const reports: unknown[] = [];
  const computed = {
    Count: {
      exact: () => {
        throw fault;
      },
    },
  };
  const answer = fastPath({ computed, execute, report: (error) => reports.push(error) });
  const asked: string[] = [];
  const rootValue = { values: { search: { donors: { min: 1, max: 1, because: [] } } }, asked };
  const document = parse("{ search(where: {}) { donors { exact } } }");
  expect(textOf(await answer({ schema, document, rootValue }))).toBe('{"data":{"search":{"donors":{"exact":true}}}}');
  expect(reports).toEqual([fault]);
  expect(asked).toEqual(["search"]);
});

test("the data of a result that is JSON already can be read", async () => {
  const rootValue = { values: { limits: { facets: 9 } }, asked: [] };
  const args = { schema, document: parse("{ limits { facets } }"), rootValue };
  const result = (await fastPath({ computed: COMPUTED, execute, report: unexpected })(args)) as JsonResult;
  expect(result.data).toEqual({ limits: { facets: 9 } });
  expect(JSON.parse(result.stringify({ ...result, extensions: { more: 1 } }))).toEqual({
    data: { limits: { facets: 9 } },
    extensions: { more: 1 },
  });
});

// A thousand fields of each document, once for each way to skip some, were kept for as long as its document: by a few
// thousand words of fragments a gateway could be made to hold hundreds of megabytes.
// 20 lists of cards, 742 kB, were one turn of 20 ms.
test("a long answer gives way to the event loop between its root fields", async () => {
  const document = parse(`{ ${Array.from({ length: 20 }, (_, i) => `b${i}: bank(id: "b") { id }`).join(" ")} }`);
  const bank = {
    get id() {
      const until = performance.now() + 4;
      while (performance.now() < until);
      return "b";
    },
  };
  let turns = 0;
  let over = false;
  const turning = (async () => {
    while (!over) {
      await setImmediate();
      turns += 1;
    }
  })();
  const { text, fast } = await quick({ schema, document, rootValue: { values: { bank }, asked: [] } });
  over = true;
  await turning;
  expect(fast).toBe(true);
  expect(Object.keys(JSON.parse(text).data)).toHaveLength(20);
  expect(turns).toBeGreaterThan(5);
});

test("plans for one set of conditions are not kept", async () => {
  const answer = fastPath({
    computed: COMPUTED,
    execute: () => Promise.reject(new Error("wanted it to be plain")),
    report: unexpected,
  });
  const documents = Array.from({ length: 60 }, (_, n) =>
    parse(`query($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!) { concepts(text: "${n}") {
      ${some(9, "related { ...R }")}
      code @skip(if: $a) matched @skip(if: $b) hasChildren @skip(if: $c) withdrawn @skip(if: $d)
    } } fragment R on Relation { ${some(10, "verdict")} code }`),
  );
  const rootValue = { values: { concepts: [] }, asked: [] };
  const before = heap();
  for (const document of documents) {
    for (let skip = 0; skip < 16; skip += 1) {
      const variableValues = { a: (skip & 1) > 0, b: (skip & 2) > 0, c: (skip & 4) > 0, d: (skip & 8) > 0 };
      expect(textOf(await answer({ schema, document, rootValue, variableValues }))).toBe('{"data":{"concepts":[]}}');
    }
  }
  const grown = heap() - before;
  // What is used later cannot be collected before.
  expect([documents.length, typeof answer]).toEqual([60, "function"]);
  // All 960 plans take 75 MB.
  expect(grown / 2 ** 20).toBeLessThan(10);
});

/**
 * An SDL that has Japanese in it takes two bytes for each character. Names that were first met there kept that, and a single
 * one of them made two bytes of each character of the whole answer.
 */
test("an answer in ASCII has one byte for each character, wherever the names in it came from", async () => {
  // Made here, so that nothing else has met it.
  const name = ["met", "First", "In", "Japanese"].join("");
  const own = buildSchema(`type Query { "糖尿病" ${name}: Int }`);
  const args = { schema: own, document: parse(`{ ${name} }`), rootValue: { [name]: 9 } };
  const text = textOf(await fastPath({ computed: COMPUTED, execute, report: unexpected })(args));
  expect(text).toBe(`{"data":{"${name}":9}}`);
  // After a head of two bytes V8 writes such a text after a quotation mark, and one of two bytes after a c.
  expect(String.fromCharCode(serialize(text)[2]!)).toBe('"');
});
