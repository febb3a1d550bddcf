import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type DocumentNode, print } from "graphql";
import pino from "pino";
import { Pool } from "undici";
import type { BankExecutor } from "../../gateway/executor.ts";
import { graphqlHandler } from "../../gateway/graphql.ts";
import { httpListener } from "../../gateway/http.ts";
import { openRegistry } from "../../gateway/registry.ts";
import { tellReady } from "../../sandbox/child.ts";
import { fakeSubgraph } from "../gateway/fake-subgraph.ts";
import { BANKS } from "./cold-question.ts";

/** The gateway before five subgraphs over HTTP, in a process of its own. BANK_URLS names them. */
const given = (process.env["BANK_URLS"] ?? "").split(",");
const urls = new Map<string, string | undefined>(BANKS.map((bank, at) => [bank, given[at]]));

const texts = new WeakMap<DocumentNode, string>();
const textOf = (document: DocumentNode): string => {
  const text = texts.get(document) ?? print(document);
  texts.set(document, text);
  return text;
};

/** Sends a bank's document as JSON over kept connections. */
const overHttp = (url: string): BankExecutor => {
  const pool = new Pool(url, { connections: 32 });
  return async ({ document, variables, signal }) => {
    const { body } = await pool.request({
      path: "/graphql",
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: textOf(document), variables }),
      signal,
    });
    return JSON.parse(await body.text());
  };
};

// The log makes its lines, and nothing is written.
const log = pino({ level: "info" }, { write: () => undefined });
const registry = await openRegistry(
  BANKS.map((bank) => fakeSubgraph(bank)),
  log,
  ({ id }) => overHttp(urls.get(id) ?? ""),
);
const graphql = graphqlHandler({ registry, deadlineMs: 5000, now: () => new Date() }, log);
const listener = httpListener({ graphql, ready: () => true, cors: [], development: false, log });
const server = createServer(listener);
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () =>
  tellReady({ at: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, built: false }),
);
