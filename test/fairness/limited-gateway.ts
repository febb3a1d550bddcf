import { connect, type Socket } from "node:net";
import { createDoor } from "../../gateway/fairness/door.ts";
import { type Fairness, openFairness } from "../../gateway/fairness/fairness.ts";
import type { RateSettings } from "../../gateway/fairness/rate.ts";
import type { Subgraph } from "../../subgraphs/serve/subgraph.ts";
import { memoryLog } from "../gateway/fake-subgraph.ts";
import { type Started, start, toClose } from "../gateway/started-gateway.ts";

/** A gateway before these banks that limits its askers, until closeAll. It is never overloaded, however busy this machine is. */
export const startLimited = async (subgraphs: readonly Subgraph[], rate: RateSettings): Promise<Started> => {
  const fairness = await limits(rate);
  const door = createDoor({ rate: fairness.rate, overload: { isLate: () => false } });
  return start(subgraphs, { fairness: { ...fairness, door, isOverloaded: () => false } });
};

/** The same, and it may be overloaded. */
export const startAsItIs = async (subgraphs: readonly Subgraph[], rate: RateSettings): Promise<Started> =>
  start(subgraphs, { fairness: await limits(rate) });

const limits = (rate: RateSettings): Promise<Fairness> =>
  openFairness({ rate, redisUrl: null, key: Buffer.alloc(32), log: memoryLog().log });

export const QUESTION = "{ search(where: {}) { complete } }";

/** What came of one question. */
export const ask = async (
  url: string,
  query = QUESTION,
): Promise<{ readonly status: number; readonly code: unknown; readonly retryAfter: string | null }> => {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const { errors } = (await response.json()) as { errors?: readonly { extensions: { code: string } }[] };
  return {
    status: response.status,
    code: errors?.[0]?.extensions.code ?? null,
    retryAfter: response.headers.get("retry-after"),
  };
};

/** A bare connection. `localAddress` is any of 127.0.0.0/8. */
export const connection = (url: string, localAddress = "127.0.0.1") => {
  const socket: Socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", localAddress });
  let text = "";
  socket.on("error", () => undefined);
  socket.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  toClose(async () => socket.destroy());
  return { socket, text: () => text, isOpen: () => !socket.destroyed && !socket.closed };
};

export const post = (body: string, length = Buffer.byteLength(body)): string =>
  `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
