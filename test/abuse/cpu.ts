import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../bench/rounds.ts";
import type { House } from "./federation.ts";
import { REQUESTS, type Request, readmeQuestion, type Shot, SUBGRAPH_REQUESTS } from "./requests.ts";
import { type Reply, send } from "./send.ts";

/** What one request did, as medians. `ofReadme`: its CPU by that of the README's question. */
export type Measured = {
  readonly request: Request;
  readonly reply: Reply;
  readonly cpuMs: number;
  readonly ms: number;
  /** Longest delay of the event loop, at best: others on the machine only make it longer. */
  readonly late: number;
  readonly ofReadme: number;
  readonly isGood: boolean;
};

/** Limits of one request: CPU by that of the README's question when nobody asked it before, or ms until it is refused. */
export const MOST_CPU = 8;
const MOST_MS = 50;
/** Longest delay of the event loop, in ms. */
export const MOST_LATE_MS = 150;

/** Waits until the processes have nothing more to do: less than 2 ms of CPU in 20 ms. */
const settled = async (house: House): Promise<{ readonly cpuMs: number; readonly late: number }> => {
  let { cpuMs: before, max: late } = await house.probe();
  for (let i = 0; i < 250; i++) {
    await sleep(20);
    const { cpuMs, max } = await house.probe();
    if (cpuMs - before < 2) break;
    before = cpuMs;
    late = Math.max(late, max);
  }
  return { cpuMs: before, late };
};

/** CPU and reply of one request, from its start until nothing more is done for it. */
const measure = async (
  house: House,
  shot: Shot,
  url = house.url,
): Promise<{ readonly cpuMs: number; readonly late: number; readonly reply: Reply }> => {
  const before = await settled(house);
  const reply = await send({ url }, shot);
  const { cpuMs, late } = await settled(house);
  return { cpuMs: cpuMs - before.cpuMs, late, reply };
};

/** Numbers for questions that differ from all others. */
const numbers = (() => {
  let last = 100;
  return () => {
    last += 1;
    return last;
  };
})();

/** CPU of the README's question, cold. */
export const readmeCpu = async (house: House, times: number): Promise<number> => {
  const all: number[] = [];
  for (let i = 0; i < times; i++) all.push((await measure(house, readmeQuestion(numbers()))).cpuMs);
  return median(all);
};

/** Measures every request, `times` times after once to warm up. */
export const measureAll = async (
  house: House,
  times: number,
  only: RegExp,
  tell: (measured: Measured) => void,
): Promise<readonly Measured[]> => {
  // Compiled code, open connections, known codes.
  await readmeCpu(house, 8);
  const readme = await readmeCpu(house, Math.max(times, 7));
  const found: Measured[] = [];
  for (const request of [...REQUESTS, ...SUBGRAPH_REQUESTS].filter(({ name }) => only.test(name))) {
    const ofSubgraph = SUBGRAPH_REQUESTS.includes(request);
    const url = ofSubgraph ? house.subgraphUrl : house.url;
    await measure(house, request.shot(numbers()), url);
    const all = [];
    for (let i = 0; i < times; i++) all.push(await measure(house, request.shot(numbers()), url));
    const cpuMs = median(all.map((each) => each.cpuMs));
    const ms = median(all.map(({ reply }) => reply.ms));
    const late = Math.min(...all.map((each) => each.late));
    const { reply } = all[0]!;
    const ofReadme = cpuMs / readme;
    const isRefused = reply.code !== null || reply.status >= 400;
    const isAsWanted = ofSubgraph ? reply.status < 500 : isRefused === (request.refused !== null);
    const isGood =
      isAsWanted && late <= MOST_LATE_MS && (isRefused ? ms < MOST_MS || ofReadme <= MOST_CPU : ofReadme <= MOST_CPU);
    const measured = { request, reply, cpuMs, ms, late, ofReadme, isGood };
    found.push(measured);
    tell(measured);
  }
  return found;
};
