import type { ChildProcess } from "node:child_process";
import { Pool } from "undici";
import { exitOf, startChild, whenReady } from "../../sandbox/child.ts";
import { DOCUMENT, FACETS, whereOf } from "./cold-question.ts";
import { alternate } from "./rounds.ts";

const ROUNDS = 7;
const ROUND_MS = 1000;
const CONNECTIONS = 16;

/**
 * Questions in a second that the gateway answers, by those of a hand-written fan-out: distinct questions over five HTTP
 * subgraphs that answer at once with 17 KB each. Banks, gateway and fan-out run in processes of their own; this one asks.
 */
export const coldOfLimit = async (): Promise<number> => {
  const children: ChildProcess[] = [];
  const start = async (file: string, env: { readonly [name: string]: string }): Promise<string> => {
    const child = startChild(`test/bench/${file}`, { NODE_ENV: "production", ...env });
    children.push(child);
    return (await whenReady(child)).at;
  };
  try {
    const banks = await start("cold-banks.ts", {});
    const [gateway, limit] = await Promise.all(
      ["cold-gateway.ts", "cold-limit.ts"].map((file) => start(file, { BANK_URLS: banks })),
    );
    let asked = 0;
    const ask = async (pool: Pool, check: boolean): Promise<void> => {
      const body = JSON.stringify({ query: DOCUMENT, variables: { where: whereOf(asked++), facets: FACETS } });
      const headers = { "content-type": "application/json" };
      const response = await pool.request({ path: "/graphql", method: "POST", headers, body });
      const text = await response.body.text();
      if (check) whole(text);
    };
    await using toGateway = pools(gateway);
    await using toLimit = pools(limit);
    await ask(toGateway.pool, true);
    const perSecond = (pool: Pool) => async (): Promise<number> => {
      const started = performance.now();
      let answered = 0;
      const client = async (): Promise<void> => {
        while (performance.now() - started < ROUND_MS) {
          await ask(pool, false);
          answered += 1;
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, client));
      return (1000 * answered) / (performance.now() - started);
    };
    const { ours, limit: most } = await alternate(ROUNDS, {
      ours: perSecond(toGateway.pool),
      limit: perSecond(toLimit.pool),
    });
    return ours / most;
  } finally {
    for (const child of children) child.kill("SIGTERM");
    await Promise.all(children.map(exitOf));
  }
};

const pools = (url: string | undefined) => {
  const pool = new Pool(url ?? "", { connections: CONNECTIONS });
  return { pool, [Symbol.asyncDispose]: () => pool.close() };
};

/** @throws {Error} where the gateway did not hear all banks: silence is quick */
const whole = (text: string): void => {
  const { data, errors } = JSON.parse(text) as { data?: { search: { complete: boolean } }; errors?: unknown };
  if (data?.search.complete !== true)
    throw new Error(`wanted a complete answer, got ${JSON.stringify(errors ?? data).slice(0, 300)}`);
};
