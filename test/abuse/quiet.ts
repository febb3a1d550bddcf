import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { House } from "./federation.ts";
import { send } from "./send.ts";

/** What a quiet asker saw. */
export type Quiet = { readonly p50: number; readonly p99: number; readonly asked: number; readonly failed: number };

/** Milliseconds between two questions: each takes 2 units of the 600 in a minute. */
const STEP_MS = 250;

/** Asks one bank a small question again and again. */
export const askQuietly = async (house: House, seconds: number): Promise<Quiet> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const latencies: number[] = [];
  let failed = 0;
  const asked: Promise<void>[] = [];
  const until = performance.now() + seconds * 1000;
  const ask = async (): Promise<void> => {
    const query = '{ search(where: { sex: [FEMALE] }, banks: ["tmm"]) { donors { min max } } }';
    const { status, ms } = await send({ url: house.url, agent }, { query });
    latencies.push(ms);
    if (status !== 200) failed += 1;
  };
  while (performance.now() < until) {
    asked.push(ask());
    await sleep(STEP_MS);
  }
  await Promise.all(asked);
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (q: number): number => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), asked: latencies.length, failed };
};
