import { expect, test } from "vitest";
import { usualDeadline } from "../../gateway/banks/guard.ts";
import { latencyHistory } from "../../net/latency.ts";
import { retryBudget } from "../../net/retry-budget.ts";

test("nothing is said of a bank before twenty of its answers are known", () => {
  const latency = latencyHistory();
  for (let i = 0; i < 19; i += 1) latency.add(5);
  expect(latency.quantile(0.5)).toBeNull();
  latency.add(5);
  expect(latency.quantile(0.5)).toBe(5);
});

test("quantiles are of the last two hundred answers", () => {
  const latency = latencyHistory();
  for (let i = 0; i < 200; i += 1) latency.add(10_000);
  for (let i = 1; i <= 200; i += 1) latency.add(i);
  expect([latency.quantile(0), latency.quantile(0.5), latency.quantile(0.99), latency.quantile(1)]).toEqual([
    1, 101, 199, 200,
  ]);
});

test.each([
  [10, 2500],
  [1000, 3000],
  [1600, 4800],
  [9000, 5000],
])("a bank whose slowest answers take %d ms has %d ms where the question does not say", (ms, usual) => {
  const latency = latencyHistory();
  expect(usualDeadline(latency, 5000)).toBe(5000);
  for (let i = 0; i < 50; i += 1) latency.add(ms);
  expect(usualDeadline(latency, 5000)).toBe(usual);
});

test("a budget lets a part through, and saves up no more than it may", () => {
  const budget = retryBudget(0.1, 4);
  const spent = () => Array.from({ length: 100 }, budget.spend).filter(Boolean).length;
  expect(spent()).toBe(2);
  for (let i = 0; i < 30; i += 1) budget.earn();
  expect(spent()).toBe(3);
  for (let i = 0; i < 1000; i += 1) budget.earn();
  expect(spent()).toBe(4);
});
