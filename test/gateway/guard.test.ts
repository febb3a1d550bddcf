import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BankFailure } from "../../gateway/banks/failure.ts";
import { bankGuard, type Guard } from "../../gateway/banks/guard.ts";
import { NEVER } from "../../net/signals.ts";
import { BankError, type BankErrorCode } from "../../schema/bank-error.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const turn = { party: "one", signal: NEVER };
const failing = (code: BankErrorCode) => async (): Promise<never> => {
  throw new BankError(code, "a", "wanted an answer, got none");
};
const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "answered",
    (error: { code?: string; failure?: { code: string } }) => error.code ?? error.failure?.code ?? error,
  );
/** Reads, and lets the wait before a second try pass. */
const read = async (guard: Guard, call: () => Promise<unknown>): Promise<unknown> => {
  const code = codeOf(guard.queued(call, turn));
  await vi.advanceTimersByTimeAsync(60);
  return code;
};

const guarded = (probe: () => Promise<unknown> = failing("BANK_UNREACHABLE")) => {
  const reports: string[] = [];
  return { guard: bankGuard("a", { probe, report: (what) => reports.push(what) }), reports };
};

test("so many calls at once, so many that wait, and the next one is told to come back", async () => {
  const { guard } = guarded();
  let running = 0;
  const done: (() => void)[] = [];
  const call = () =>
    new Promise<void>((resolve) => {
      running += 1;
      done.push(resolve);
    });
  const of = (party: string) => ({ ...turn, party });
  const parties = ["a", "b", "c", "d"];
  const calls = Array.from({ length: 16 + 256 }, (_, i) => guard.queued(call, of(parties[i % 4]!)));
  await vi.advanceTimersByTimeAsync(0);
  expect(running).toBe(16);
  const error = await guard.queued(call, of("a")).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: "BANK_BUSY", retryAfterMs: 500 });
  while (running < calls.length) {
    for (const end of done.splice(0)) end();
    await vi.advanceTimersByTimeAsync(0);
  }
  for (const end of done.splice(0)) end();
  await Promise.all(calls);
  expect(guard.latency.quantile(0.99)).toBeGreaterThanOrEqual(0);
});

test("one asker has half of the places, and another one comes to its turn at once", async () => {
  const { guard } = guarded();
  const running: string[] = [];
  const hang = (party: string) =>
    guard.queued(
      () => {
        running.push(party);
        return new Promise<never>(() => {});
      },
      { ...turn, party },
    );
  for (let i = 0; i < 72; i += 1) void hang("many");
  await vi.advanceTimersByTimeAsync(0);
  expect(running).toHaveLength(8);
  expect(await codeOf(hang("many"))).toBe("BANK_BUSY");
  void hang("quiet");
  await vi.advanceTimersByTimeAsync(0);
  expect(running.at(-1)).toBe("quiet");
});

test("readings have places of their own", async () => {
  const { guard } = guarded();
  const hang = () => new Promise<never>(() => {});
  for (let i = 0; i < 40; i += 1) void guard.reading(hang, turn);
  expect(await guard.queued(async () => 1, turn)).toBe(1);
  expect(await guard.reading(async () => 2, { ...turn, party: "quiet" })).toBe(2);
});

// 300 questions at once from one client made five healthy banks UNREACHABLE for everybody: their calls waited for a turn until
// little of the time limit was left, or their answers were there and this process was too busy to read them.
describe("a timeout that this gateway explains does not count against the bank", () => {
  const failingAfter = (ms: number, code: BankErrorCode) => async (): Promise<never> => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return failing(code)();
  };
  /** What is reported of six such failures, during each of which this process was late by so much. */
  const failures = async (passedMs: number, busyMs: number, code: BankErrorCode = "BANK_TIMEOUT") => {
    let late = 0;
    const reports: string[] = [];
    const guard = bankGuard("a", {
      probe: failing("BANK_UNREACHABLE"),
      report: (what) => reports.push(what),
      lateMs: () => late,
    });
    for (let i = 0; i < 6; i += 1) {
      const call = codeOf(guard.unqueued(failingAfter(passedMs, code)));
      await vi.advanceTimersByTimeAsync(0);
      late += busyMs;
      await vi.advanceTimersByTimeAsync(passedMs + 100);
      await call;
    }
    return reports;
  };

  test.each([
    ["the bank had 10 s", 10_000, 0, ["lost"]],
    ["the bank had half a second, the queue the rest", 500, 0, []],
    ["of 10 s this process was busy for 9.5", 10_000, 9500, []],
    ["of 10 s this process was busy for 3", 10_000, 3000, ["lost"]],
  ])("%s", async (_, passedMs, busyMs, reports) => {
    expect(await failures(passedMs, busyMs)).toEqual(reports);
  });

  test("nor does a bank out of reach while this process stood still; else that counts at once", async () => {
    expect(await failures(1000, 900, "BANK_UNREACHABLE")).toEqual([]);
    expect(await failures(1000, 0, "BANK_UNREACHABLE")).toEqual(["lost"]);
  });
});

test("who waits for a turn may leave it", async () => {
  const { guard } = guarded();
  const hang = () => new Promise<never>(() => {});
  for (let i = 0; i < 16; i += 1) void guard.queued(hang, turn);
  const asker = new AbortController();
  const waiting = guard.queued(hang, { ...turn, signal: asker.signal });
  asker.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
});

test.each([
  ["BANK_UNREACHABLE", 2],
  ["BANK_TIMEOUT", 1],
  ["BANK_BUSY", 1],
  ["BANK_REFUSED", 1],
  ["BANK_BROKEN", 1],
] as const)("%s: %d calls for one question", async (code, times) => {
  const { guard } = guarded();
  const call = vi.fn(failing(code));
  expect(await read(guard, call)).toBe(code);
  expect(call).toHaveBeenCalledTimes(times);
});

test("second tries have a budget: a bank that fails again and again is not asked twice as often", async () => {
  const { guard } = guarded(async () => "here");
  let calls = 0;
  for (let i = 0; i < 200; i += 1) {
    let first = true;
    await read(guard, async () => {
      calls += 1;
      if (!first) return "answered";
      first = false;
      return failing("BANK_UNREACHABLE")();
    });
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(calls).toBeGreaterThan(200);
  expect(calls).toBeLessThanOrEqual(200 + 5 + 200 * 0.1);
});

test("a bank that is away is not asked, and is asked again when it is back", async () => {
  let here = false;
  const { guard, reports } = guarded(async () => (here ? "here" : failing("BANK_UNREACHABLE")()));
  const call = vi.fn(failing("BANK_UNREACHABLE"));
  await read(guard, call);
  await read(guard, call);
  expect(reports).toEqual(["lost"]);
  const asked = call.mock.calls.length;
  expect(await guard.queued(call, turn).catch((e: unknown) => e)).toMatchObject({
    code: "BANK_UNREACHABLE",
    retryAfterMs: 500,
  });
  expect(await codeOf(guard.unqueued(call))).toBe("BANK_UNREACHABLE");
  expect(call).toHaveBeenCalledTimes(asked);
  here = true;
  await vi.advanceTimersByTimeAsync(500);
  expect(reports).toEqual(["lost", "back"]);
  expect(await guard.queued(async () => 7, turn)).toBe(7);
});

// The probe took every failure for being away: a bank that came back to say that it has left, or that it refuses, stayed
// UNREACHABLE, and its last answers STALE.
test.each(["BANK_WITHDRAWN", "BANK_REFUSED", "BANK_BROKEN"])(
  "a bank that comes back and says %s is heard",
  async (code) => {
    let back = false;
    const says = async (): Promise<never> => {
      throw new BankFailure({ code: back ? code : "BANK_UNREACHABLE", message: "", retryAfterMs: null });
    };
    const { guard, reports } = guarded(says);
    for (let i = 0; i < 3; i += 1) await codeOf(guard.unqueued(says));
    expect(reports).toEqual(["lost"]);
    await vi.advanceTimersByTimeAsync(500);
    expect(await codeOf(guard.unqueued(says))).toBe("BANK_UNREACHABLE");
    back = true;
    await vi.advanceTimersByTimeAsync(500);
    expect(reports).toEqual(["lost", "back"]);
    expect(await codeOf(guard.unqueued(says))).toBe(code);
  },
);

test("what a bank says of itself counts like what is seen of it, and a refusal does not make it away", async () => {
  const { guard, reports } = guarded();
  const says = (code: string) => async (): Promise<never> => {
    throw new BankFailure({ code, message: "", retryAfterMs: null });
  };
  for (let i = 0; i < 10; i += 1) expect(await read(guard, says("BANK_REFUSED"))).toBe("BANK_REFUSED");
  expect(reports).toEqual([]);
  for (let i = 0; i < 3; i += 1) expect(await read(guard, says("BANK_TIMEOUT"))).toBe("BANK_TIMEOUT");
  expect(reports).toEqual(["lost"]);
});
