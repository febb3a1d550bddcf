import { getEventListeners } from "node:events";
import { expect, test, vi } from "vitest";
import { createAnswers } from "../../cache/answers.ts";
import { createReader } from "../../cache/reader.ts";
import { sealWith } from "../../cache/seal.ts";
import { manualClock } from "./manual-clock.ts";
import { memoryStore } from "./memory-store.ts";

const LEASE_MS = 5000;
const WITHDRAWN = new Error("withdrawn");
const AWAY = new Error("away");

/** A source that says what the test wants, and a reader over memory and a shared store. */
const start = ({ sweeps = true, leaseMs = LEASE_MS, leaseTakes = 0 } = {}) => {
  const clock = manualClock();
  const store = memoryStore(1e6, clock);
  const shared = sweeps ? store : { ...store, sweep: () => Promise.reject(AWAY) };
  const answers = createAnswers({ clock, maxBytes: 1e6, shared, seal: sealWith(Buffer.alloc(32, 1)), alarm: () => {} });
  const state = { fault: null as Error | null };
  const work = async <T>(value: T): Promise<T> => {
    if (state.fault !== null) throw state.fault;
    return value;
  };
  const edition = { name: "1-a", ordinal: 1, purges: 0 };
  const withdrawn = vi.fn();
  const leased = vi.fn();
  const reader = createReader(
    {
      id: "bank",
      async lease() {
        leased();
        if (leaseTakes > 0) await clock.sleep(leaseTakes);
        return work({ edition, leaseMs, staleMs: 86_400_000, about: null });
      },
      isWithdrawal: (why) => why === WITHDRAWN,
    },
    answers,
    clock,
    { withdrawn },
  );
  const ask = (question: string, { signal } = new AbortController()) => {
    const asked = reader.read({ question, fetch: () => work({ value: 12, size: 100 }), leaseTimeoutMs: 1000, signal });
    return asked.then(
      ({ state }) => state,
      (why: Error) => why.message,
    );
  };
  const kept = () => answers.peek({ group: "bank", question: "q", edition: "1-a.0" });
  return { clock, state, ask, kept, withdrawn, leased, reader };
};

test("away is STALE; withdrawn is not, from memory or the shared store, also when it is away afterwards", async () => {
  const { clock, state, ask, kept, withdrawn } = start();
  expect(await ask("q")).toBe("FRESH");
  await clock.pass(LEASE_MS);
  state.fault = AWAY;
  expect(await ask("q")).toBe("STALE");
  expect(await kept()).not.toBeNull();
  expect(withdrawn).not.toHaveBeenCalled();
  state.fault = WITHDRAWN;
  expect([await ask("q"), await ask("q")]).toEqual(["withdrawn", "withdrawn"]);
  await clock.pass(0);
  expect(await kept(), "what it said is given up").toBeNull();
  expect(withdrawn).toHaveBeenCalledOnce();
  state.fault = AWAY;
  expect(await ask("q")).toBe("away");
});

test("nor where the shared store, away for a moment, goes on holding what it said", async () => {
  const { clock, state, ask, kept } = start({ sweeps: false });
  expect(await ask("q")).toBe("FRESH");
  state.fault = WITHDRAWN;
  await clock.pass(LEASE_MS);
  expect(await ask("q")).toBe("withdrawn");
  expect(await kept()).not.toBeNull();
  state.fault = AWAY;
  expect(await ask("q")).toBe("away");
});

test("a source that withdraws in the middle of a lease is believed, and one that comes back answers", async () => {
  const { clock, state, ask, withdrawn } = start();
  expect(await ask("q")).toBe("FRESH");
  state.fault = WITHDRAWN;
  expect(await ask("other"), "which it has to be asked").toBe("withdrawn");
  expect(await ask("q"), "and from then on what is known does not count either").toBe("withdrawn");
  state.fault = null;
  expect(await ask("q")).toBe("FRESH");
  state.fault = WITHDRAWN;
  await clock.pass(LEASE_MS);
  expect(await ask("q")).toBe("withdrawn");
  expect(withdrawn).toHaveBeenCalledTimes(2);
});

test("who knows that it has withdrawn may say so", async () => {
  const { clock, state, ask, kept, reader } = start();
  expect(await ask("q")).toBe("FRESH");
  reader.withdraw();
  await clock.pass(0);
  expect(await kept()).toBeNull();
  state.fault = AWAY;
  expect(await ask("q")).toBe("away");
});

// It took two calls: the first one was taken for older than the question, and its lease was over when it came.
test("a source that takes longer for a lease than it lasts is asked once for a question", async () => {
  const { clock, ask, leased } = start({ leaseTakes: 12_000 });
  const asked = ask("q");
  await clock.pass(12_000);
  expect(await asked).toBe("FRESH");
  expect(leased).toHaveBeenCalledOnce();
});

// AbortSignal.any was here. Node 20 keeps each signal that it makes in a list of the signals it follows, for as long as those live.
test("an asker's signal remembers nothing of the leases that were waited for", async () => {
  const { ask } = start({ leaseMs: 0 });
  const asker = new AbortController();
  for (let i = 0; i < 100; i += 1) expect(await ask("q", asker)).toBe("FRESH");
  const { signal } = asker;
  const followers = Object.getOwnPropertySymbols(signal).find((one) => one.description === "kDependantSignals");
  const known: ReadonlySet<unknown> | undefined = followers && Reflect.get(signal, followers);
  expect(known?.size ?? 0).toBe(0);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
