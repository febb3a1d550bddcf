import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openStream } from "../../gateway/http/streams.ts";
import { LIMITS } from "../../gateway/limits.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const request = (): IncomingMessage => new IncomingMessage(new Socket());
const response = (): ServerResponse => new ServerResponse(request());

test("a connection has a few, and each one that ends makes room", () => {
  const asked = request();
  const open = Array.from({ length: LIMITS.streams }, () => response());
  for (const response of open) expect(openStream(asked, response)).toBe(true);
  expect(openStream(asked, response())).toBe(false);
  expect(openStream(request(), response())).toBe(true);
  open[0]!.emit("close");
  expect(openStream(asked, response())).toBe(true);
  expect(openStream(asked, response())).toBe(false);
});

test("one that nobody reads is cut off some time after every bank has had its time", () => {
  const answer = response();
  const cut = vi.spyOn(answer, "destroy");
  openStream(request(), answer);
  vi.advanceTimersByTime(LIMITS.deadlineMs);
  expect(cut).not.toHaveBeenCalled();
  vi.advanceTimersByTime(30_000);
  expect(cut).toHaveBeenCalledOnce();
});

test("one that ends leaves no timer", () => {
  const answer = response();
  openStream(request(), answer);
  expect(answer.getHeader("X-Accel-Buffering")).toBe("no");
  answer.emit("close");
  expect(vi.getTimerCount()).toBe(0);
});
