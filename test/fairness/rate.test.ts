import fc from "fast-check";
import { expect, test } from "vitest";
import type { Payer } from "../../gateway/fairness/party.ts";
import { createRate } from "../../gateway/fairness/rate.ts";

const SETTINGS = { burst: 200, perMinute: 600, registeredPerMinute: 1200 };
const address = (id: string): Payer => ({ tier: "ANONYMOUS", id: `ip:${id}`, name: null });
const A = address("192.0.2.1");

/** Buckets by a clock that the test sets. */
const rated = (settings = SETTINGS) => {
  const clock = { now: 0 };
  const rate = createRate(settings, { mono: () => clock.now });
  return { rate, clock };
};

test("an idle asker has a burst at once, then what comes back each second", () => {
  const { rate, clock } = rated();
  const taken = Array.from({ length: 30 }, () => rate.takeUnits(A, 10));
  expect(taken.filter((wait) => wait === null)).toHaveLength(20);
  expect(taken.at(-1)).toBe(1000);
  for (let second = 1; second <= 5; second += 1) {
    clock.now = second * 1000;
    expect([rate.takeUnits(A, 10), rate.takeUnits(A, 10)]).toEqual([null, 1000]);
  }
  clock.now += 20_000;
  expect(rate.look(A)).toEqual({ left: 200, burst: 200, perMinute: 600 });
});

test("a request passes after the wait that was named, not a millisecond earlier, and never more than the rate", () => {
  const prices = fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.double({ min: 0.1, max: 250, noNaN: true })), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(prices, (asked) => {
      const { rate, clock } = rated();
      let passed = 0;
      for (const [pauseMs, units] of asked) {
        clock.now += pauseMs;
        const wait = rate.takeUnits(A, units);
        if (wait !== null) {
          clock.now += wait - 1;
          const early = rate.takeUnits(A, units);
          expect(early).toBe(1);
          clock.now += 1;
          expect(rate.takeUnits(A, units)).toBeNull();
        }
        passed += units;
        // A request dearer than the burst goes into debt once.
        expect(passed).toBeLessThanOrEqual(200 + 250 + clock.now / 100);
      }
    }),
    { seed: 12, numRuns: 200 },
  );
});

test("a request dearer than a burst needs a full bucket, and is paid off before the next", () => {
  const { rate, clock } = rated();
  expect(rate.takeUnits(A, 500)).toBeNull();
  expect(rate.look(A).left).toBe(0);
  expect(rate.takeUnits(A, 10)).toBe(31_000);
  clock.now += 31_000;
  expect(rate.takeUnits(A, 10)).toBeNull();
});

test("askers have buckets of their own, and all tokens of one name share one", () => {
  const { rate } = rated();
  const token = (id: string, name: string): Payer => ({ tier: "REGISTERED", id: `token:${id}`, name });
  rate.takeUnits(A, 200);
  expect(rate.look(address("192.0.2.2")).left).toBe(200);
  rate.takeUnits(token("1", "kato"), 150);
  expect(rate.look(token("2", "kato"))).toEqual({ left: 50, burst: 200, perMinute: 1200 });
  expect(rate.look(token("3", "sato")).left).toBe(200);
  // Two people of an identity provider may have the same name.
  rate.takeUnits({ tier: "REGISTERED", id: "jwt:https://idp#1", name: "kato" }, 150);
  expect(rate.look({ tier: "REGISTERED", id: "jwt:https://idp#2", name: "kato" }).left).toBe(200);
});

test("whoever changes from network to network of an IPv6 site has eight budgets together, and other sites their own", () => {
  const { rate, clock } = rated();
  const network = (site: number, n: number): Payer => address(`2001:db8:${site.toString(16)}:${n.toString(16)}::/64`);
  const passed = (site: number): number => {
    let units = 0;
    for (let n = 0; n < 1000; n += 1) if (rate.takeUnits(network(site, n), 10) === null) units += 10;
    return units;
  };
  expect(passed(1)).toBe(8 * 200);
  expect(rate.look(network(1, 5000)).left).toBe(0);
  expect(rate.takeUnits(network(1, 5000), 10)).toBe(125);
  expect(passed(2)).toBe(8 * 200);
  clock.now = 125;
  expect(rate.takeUnits(network(1, 5000), 10)).toBeNull();
  expect(rate.takeUnits(address("192.0.2.1"), 200)).toBeNull();
});

test("a clock that stands still or goes back gives nothing back", () => {
  const { rate, clock } = rated();
  clock.now = 10_000;
  rate.takeUnits(A, 200);
  clock.now = 0;
  expect(rate.takeUnits(A, 1)).toBe(100);
  clock.now = 100;
  expect(rate.takeUnits(A, 1)).toBeNull();
});

test("whoever goes on after ten refusals is refused unread until the price is there", () => {
  const { rate, clock } = rated();
  rate.takeUnits(A, 195);
  for (let i = 0; i < 10; i += 1) expect([rate.knock(A), rate.takeUnits(A, 10)]).toEqual([null, 500]);
  expect(rate.takeUnits(A, 10)).toBe(500);
  expect(rate.knock(A)).toBe(500);
  clock.now = 499;
  expect(rate.knock(A)).toBe(1);
  clock.now = 500;
  expect([rate.knock(A), rate.takeUnits(A, 10)]).toEqual([null, null]);
  expect(rate.knock(address("192.0.2.2"))).toBeNull();
});

test("requests that cannot be read cost too, and leave a small debt at most", () => {
  const { rate, clock } = rated();
  for (let i = 0; i < 1000; i += 1) rate.takeForUnreadable(A);
  // 200 units and a debt of 9; after that they are refused unread.
  expect(rate.knock(A)).toBe(1900);
  clock.now = 1900;
  expect([rate.knock(A), rate.takeUnits(A, 10)]).toEqual([null, null]);
});

/** Networks of a site each: of a /16, say. */
const numbered = (i: number): string => `2001:${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}:0::/64`;

test("any number of addresses takes no more than a bounded number of buckets", () => {
  const { rate } = rated();
  for (let i = 0; i < 120_000; i += 1) rate.takeUnits(address(numbered(i)), 1);
  // The first ones are forgotten, the last ones are not.
  expect(rate.look(address(numbered(0))).left).toBe(200);
  expect(rate.look(address(numbered(119_999))).left).toBe(199);
  expect(rate.untold.take(10)).toEqual([]);
});
