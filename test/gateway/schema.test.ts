import { readFile } from "node:fs/promises";
import { buildSchema, type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { expect, test } from "vitest";
import { openRegistry } from "../../gateway/banks/registry.ts";
import { gatewaySchema } from "../../gateway/http/schema.ts";
import { realClock } from "../../net/clock.ts";
import { gatewayOf, memoryLog } from "./fake-subgraph.ts";

/** The public contract that clients are written against. Change it with the SDL, on purpose. */
const CONTRACT = new URL("./public-schema.graphql", import.meta.url);

const sorted = (schema: GraphQLSchema): string => printSchema(lexicographicSortSchema(schema));

test("the schema that is served is the public contract, to the byte", async () => {
  const { answers, tokens } = gatewayOf([]);
  await using registry = await openRegistry([], { answers, clock: realClock, log: memoryLog().log });
  const served = gatewaySchema({ registry, deadlineMs: 1000, now: () => new Date(), tokens });
  expect(sorted(served)).toBe(sorted(buildSchema(await readFile(CONTRACT, "utf8"))));
});
