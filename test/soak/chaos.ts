import { setTimeout as sleep } from "node:timers/promises";
import type { BankId } from "../../sandbox/donor.ts";
import { RELEASES, type ReleaseNumber } from "../../sandbox/releases.ts";
import { type Random, random } from "../law/domain.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Timeline } from "./timeline.ts";

export const BANKS = ["bbj", "cancer", "ncbn", "rare", "tmm"] as const satisfies readonly BankId[];
export const ANNOUNCED: ReadonlySet<BankId> = new Set(["bbj", "ncbn"]);
/** Banks whose servers have switches for faults. */
const SWITCHED: ReadonlySet<BankId> = new Set(["cancer", "rare", "tmm"]);

/** Those of the wrong counts that no bank can have, whatever is asked. */
const FAULTS = [
  ...["slow=400", "slow=4000", "down", "half-open", "garbage", "page", "cut", "drip=40", "busy=1", "too-many=1"],
  ...["refuses", "wrong-counts=negative", "wrong-counts=huge", "wrong-counts=fraction", "wrong-counts=text"],
];

export type Timelines = { readonly [Bank in BankId]: Timeline };
/** How often what was done. */
export type Done = { readonly [what: string]: number };

/** Upsets the banks, each by turns, until the signal; then all are well again. @returns how often it did what */
export const upset = async (
  sandbox: Sandbox,
  timelines: Timelines,
  { seed, pauseMs, signal }: { readonly seed: number; readonly pauseMs: number; readonly signal: AbortSignal },
): Promise<Done> => {
  const done: { [what: string]: number } = {};
  const wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);
  const lasting = (r: Random): number => Math.round(pauseMs * (0.3 + 0.7 * (r.int(0, 100) / 100)));

  const fault = async (bank: BankId, name: string, ms: number): Promise<void> => {
    await timelines[bank].trouble(name, async () => {
      await sandbox.order(bank, { fault: name });
      await wait(ms);
      await sandbox.order(bank, { fault: "none" });
    });
  };
  const freeze = (bank: BankId, ms: number): Promise<void> =>
    timelines[bank].trouble("frozen", async () => {
      const thaw = sandbox.freeze(bank);
      await wait(ms);
      thaw();
    });
  const restart = (bank: BankId, ms: number): Promise<void> =>
    timelines[bank].trouble("killed", async () => {
      const start = await sandbox.kill(bank, timelines[bank].release());
      await wait(ms);
      await start();
    });
  const release = (bank: BankId): Promise<void> =>
    timelines[bank].trouble("release", async () => {
      const next: ReleaseNumber = timelines[bank].release() === 1 ? 2 : 1;
      const published = timelines[bank].publishing(next);
      await sandbox.order(bank, { release: next });
      if (ANNOUNCED.has(bank)) await announce(sandbox, bank, next);
      published.acked();
    });

  const one = async (bank: BankId, r: Random): Promise<void> => {
    const ms = lasting(r);
    const kinds = ["release", ...(SWITCHED.has(bank) ? ["fault", "fault", "fault", "fault", "restart"] : [])];
    const kind = r.pick(bank === "bbj" ? kinds : [...kinds, "freeze"]);
    const name = kind === "fault" ? r.pick(FAULTS) : kind;
    if (kind === "release") await release(bank);
    else if (kind === "freeze") await freeze(bank, ms);
    else if (kind === "restart") await restart(bank, ms);
    else await fault(bank, name, ms);
    done[name] = (done[name] ?? 0) + 1;
  };
  await Promise.all(
    BANKS.map(async (bank, i) => {
      const r = random(seed * 31 + i);
      while (!signal.aborted) {
        await wait(3 * lasting(r));
        if (!signal.aborted) await one(bank, r);
      }
    }),
  );
  return done;
};

/** As the bank's operator does. */
const announce = async (sandbox: Sandbox, bank: BankId, release: ReleaseNumber): Promise<void> => {
  const query =
    "mutation($bank: ID!, $release: ReleaseInput!) { publishRelease(bank: $bank, release: $release) { id date } }";
  const response = await fetch(`${sandbox.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${await sandbox.tokenOf(bank)}` },
    body: JSON.stringify({ query, variables: { bank, release: RELEASES[release] } }),
  });
  const { data } = (await response.json()) as { data?: { publishRelease?: { id: string } } };
  const id = `${bank}@${RELEASES[release].number}`;
  if (data?.publishRelease?.id !== id) throw new Error(`publishRelease: wanted ${id}, got ${JSON.stringify(data)}`);
};
