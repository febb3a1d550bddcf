import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { execute, parse } from "graphql";
import { facetJson, planFacets } from "../../gateway/search/facets.ts";
import { reportReady } from "../../sandbox/child.ts";
import type { CellCounts, Count } from "../../schema/count.ts";
import { answered, fakeSubgraph } from "../gateway/fake-subgraph.ts";
import { BANKS, FACETS, YEAR } from "./cold-question.ts";

/** Five banks that answer every question at once with the same 17 KB, in a process of their own. Tells their URLs. */
const cells = planFacets(FACETS, [], YEAR)
  .map(facetJson)
  .map(({ by, across }) => by.values.length * (across?.values.length ?? 1));

const exact = (count: number): Count => ({ min: count, max: count, because: [] });
/** One cell in nine is not exact, as in banks where something is not recorded. */
const cell = (_: unknown, at: number): CellCounts =>
  at % 9 === 4
    ? { donors: { min: 1000 + at, max: 1200 + at, because: ["NOT_RECORDED"] }, samples: exact(4000 + 3 * at) }
    : { donors: exact(1000 + at), samples: exact(4000 + 3 * at) };

const answer = {
  donors: exact(50_123),
  samples: exact(201_456),
  understanding: ["disease", "sample.type", "sample.ageAtCollection"].map((path, at) => ({
    path,
    field: (["DISEASE", "SAMPLE_TYPE", "AGE_AT_COLLECTION"] as const)[at]!,
    verdict: "EXACT" as const,
    local: [{ value: "E11", label: { en: "Type 2 diabetes mellitus", ja: "2型糖尿病" } }],
    says: { en: "Asked in exactly these words.", ja: "この条件のとおりに検索しました。" },
  })),
  facets: cells.map((length) => ({ cells: Array.from({ length }, cell) })),
};

const serve = (bank: string): Promise<string> => {
  const { schema } = fakeSubgraph(bank, { size: { donors: 300_000, samples: 2_000_000, enrolmentsPerPerson: 1 } });
  const bytes = Buffer.from(JSON.stringify({ data: { answers: answered(bank, answer) } }));
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts);
    const reply = body.includes("query answers") ? bytes : await self(body);
    response.writeHead(200, { "content-type": "application/json", "content-length": reply.length }).end(reply);
  });
  const self = async (body: Buffer): Promise<Buffer> => {
    const { query } = JSON.parse(body.toString()) as { query: string };
    return Buffer.from(JSON.stringify(await execute({ schema, document: parse(query), contextValue: {} })));
  };
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );
};

reportReady({ at: (await Promise.all(BANKS.map(serve))).join(","), built: false });
