import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { overHttp } from "../../gateway/banks/over-http.ts";
import { serveSubgraph } from "../../subgraphs/serve/server.ts";
import { answer, answered, fakeSubgraph } from "../gateway/fake-subgraph.ts";
import { closeAll, start, toClose } from "../gateway/started-gateway.ts";

afterEach(closeAll);

/** Times that a bank takes for its answers, in ms: a hundred questions at once take it longer than a call may last. */
const takesMs = (nth: number): number => 1300 + 100 * (nth % 8);

const bankOf = async (id: string) => {
  let asked = 0;
  const bank = fakeSubgraph(id, {
    answers: async (question) => {
      await sleep(takesMs(asked++));
      return answered(id, answer(question));
    },
  });
  const served = await serveSubgraph(bank, {
    port: 0,
    host: "127.0.0.1",
    isToken: () => false,
    fault: () => undefined,
  });
  toClose(served.close);
  return overHttp([new URL(served.url)]);
};

const QUERY = "query($to: Int!) { search(where: { sample: { collectedYear: { to: $to } } }) { banks { status } } }";
let year = 1000;
/** Asks what nobody has asked before. @returns the status of each bank */
const ask = async (url: string): Promise<readonly string[]> => {
  year += 1;
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: QUERY, variables: { to: year } }),
  });
  const { data } = (await response.json()) as { data: { search: { banks: readonly { status: string }[] } } };
  return data.search.banks.map(({ status }) => status);
};

// 300 questions at once from one client made five healthy banks UNREACHABLE for everybody.
test("a crowd of questions makes no healthy bank unreachable", { timeout: 60_000 }, async () => {
  const gateway = await start([], { banks: [await bankOf("a"), await bankOf("b")], deadlineMs: 5000 });
  const crowd = Array.from({ length: 140 }, () => ask(gateway.url));
  const statuses = (await Promise.all(crowd)).flat();
  // Some find no seat, others no turn in time. Their calls go on for ten seconds, and the last of them are cut short then.
  expect([...new Set(statuses)].sort()).toEqual(["ANSWERED", "BUSY", "TIMED_OUT"]);
  await sleep(7000);
  expect(gateway.lines.filter(({ msg }) => msg === "the bank is away")).toEqual([]);
  expect(await ask(gateway.url)).toEqual(["ANSWERED", "ANSWERED"]);
});
