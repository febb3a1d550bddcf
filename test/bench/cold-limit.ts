import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";
import { reportReady } from "../../sandbox/child.ts";

/**
 * The baseline of the gateway, in a process of its own: node:http that sends each request on to the five banks with undici,
 * parses their answers and serves them as one JSON. It understands, checks and adds up nothing.
 */
const pools = (process.env["BANK_URLS"] ?? "").split(",").map((url) => new Pool(url, { connections: 32 }));

const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const { variables } = JSON.parse(Buffer.concat(parts).toString()) as { variables: { where: object; facets: object } };
  const question = { v: 1, where: variables.where, facets: variables.facets };
  const asked = JSON.stringify({
    query: "query answers($asOf: ID!, $questions: [JSON!]!) { answers(asOf: $asOf, questions: $questions) }",
    variables: { asOf: "1-fake", questions: [question] },
  });
  const banks = await Promise.all(
    pools.map(async (pool) => {
      const { body } = await pool.request({
        path: "/graphql",
        method: "POST",
        headers: { "content-type": "application/json" },
        body: asked,
      });
      return JSON.parse(await body.text()) as object;
    }),
  );
  const bytes = Buffer.from(JSON.stringify({ banks }));
  response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length }).end(bytes);
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () =>
  reportReady({ at: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, built: false }),
);
