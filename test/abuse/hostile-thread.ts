import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { Attack, Statuses } from "./hostile.ts";
import { REQUESTS } from "./requests.ts";
import { type Sender, send } from "./send.ts";

/**
 * So many clients, each from an address of its own, that send every request of the table again and again as fast as answers
 * come, and hold connections that they never use. Runs until the signal aborts.
 */
const attack = async ({ url, clients }: Attack, signal: AbortSignal): Promise<Statuses> => {
  const statuses = new Map<number, number>();
  await Promise.all(
    Array.from({ length: clients }, async (_, i) => {
      const from = `127.0.1.${i + 1}`;
      const agent = new Agent({ keepAlive: true, maxSockets: 2 });
      const idle = holdConnections({ url, from }, signal);
      for (let n = i * 7; !signal.aborted; n++) {
        const request = REQUESTS[n % REQUESTS.length]!;
        const { status } = await send({ url, from, agent }, request.shot(1000 + n * 11 + i));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        // Refused connections leave no time to anything else in this process.
        if (status === 0) await sleep(5);
      }
      agent.destroy();
      await idle;
    }),
  );
  return statuses;
};

/** Opens connections that send half a head, half a body or nothing, or read no answer; those that are closed are opened again. */
const holdConnections = async ({ url, from = "127.0.0.1" }: Sender, signal: AbortSignal): Promise<void> => {
  const { port, hostname } = new URL(url);
  const body = JSON.stringify({
    query: `{ ${Array.from({ length: 8 }, (_, i) => `a${i}: faults { says { en ja } }`).join(" ")} }`,
  });
  const head = `POST /graphql HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const starts = ["", "POST /graphql HTTP/1.1\r\nHo", head, head + body, head + body.slice(0, 10)];
  const open = new Set<Socket>();
  for (let i = 0; !signal.aborted; i++) {
    if (open.size < 20) {
      const socket = connect({ port: Number(port), host: hostname, localAddress: from });
      open.add(socket);
      socket.once("error", () => undefined).once("close", () => open.delete(socket));
      socket.once("connect", () => socket.write(starts[i % starts.length]!));
      socket.pause();
    }
    await sleep(50);
  }
  for (const socket of open) socket.destroy();
};

const ended = new AbortController();
parentPort?.once("message", () => ended.abort());
parentPort?.postMessage(await attack(workerData as Attack, ended.signal));
