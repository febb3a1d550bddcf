import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { clientSignal } from "../../gateway/http/request-context.ts";

// Three searches of five banks in one request had Node warn of a leak, in the middle of the gateway's log.
test("any number of banks may listen for an asker who goes", async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error): unknown => warnings.push(name);
  process.on("warning", note);
  const request = new AbortController();
  const gone = clientSignal(request);
  const told = Array.from({ length: 50 }, () => once(gone, "abort"));
  request.abort();
  await Promise.all(told);
  await setImmediate();
  process.off("warning", note);
  expect(warnings).toEqual([]);
});
