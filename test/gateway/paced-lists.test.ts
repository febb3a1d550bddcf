import { setImmediate } from "node:timers/promises";
import { buildSchema, type ExecutionResult, execute, parse } from "graphql";
import { expect, test } from "vitest";
import { pacedField } from "../../gateway/http/paced-lists.ts";
import { isTurnOver, nextTurn } from "../../net/turns.ts";

const schema = buildSchema(`
  type Query { short: [Item!]! long: [Item!]! many: [Group!]! numbers: [Int!]! later: [Item] }
  type Group { items: [Item!]! }
  type Item { a: Int b: Int c: Int inner: Item }
`);
/** Reading `a` takes a while. */
const item = (n: number, read: () => void) => ({
  get a() {
    read();
    return n;
  },
  b: n + 1,
  c: null,
});
const rootOf = (read: () => void = () => undefined) => {
  const items = (length: number) => Array.from({ length }, (_, n) => item(n, read));
  return {
    short: items(10),
    long: items(3000),
    many: () => Array.from({ length: 400 }, () => ({ items: items(10) })),
    numbers: Array.from({ length: 3000 }, (_, n) => n),
    later: async () => [...items(200), null],
  };
};
const QUERY = `{
  short { a b } long { ...I inner { a } x: b y: b z: b } many { items { a ...I } } numbers later { a b c inner { a b c } }
}
fragment I on Item { b c }`;
const run = async (rootValue: object, fieldResolver?: typeof pacedField): Promise<ExecutionResult> =>
  execute({ schema, document: parse(QUERY), rootValue, ...(fieldResolver && { fieldResolver }) });

test("execution gives the same answer", async () => {
  expect(JSON.stringify(await run(rootOf(), pacedField))).toBe(JSON.stringify(await run(rootOf())));
});

test("execution gives way, between lists and between the items of a long one", async () => {
  let [inTurn, most, over] = [0, 0, false];
  const root = rootOf(() => {
    const until = performance.now() + 0.05;
    while (performance.now() < until);
    inTurn += 1;
    most = Math.max(most, inTurn);
  });
  const answer = run(root, pacedField).finally(() => {
    over = true;
  });
  while (!over) {
    await setImmediate();
    inTurn = 0;
  }
  await answer;
  // 7,210 items of 0.05 ms each in turns of 10 ms, which a list of 200 may make longer.
  expect(most).toBeLessThan(1000);
});

test("a short question goes before the lists of an execution that began earlier", async () => {
  let read = 0;
  const root = rootOf(() => {
    read += 1;
  });
  await setImmediate();
  isTurnOver();
  const until = performance.now() + 12;
  while (performance.now() < until);
  const answer = run(root, pacedField);
  await nextTurn();
  expect(read).toBe(0);
  await answer;
  expect(read).toBeGreaterThan(4000);
});
