import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openStream } from "../../gateway/http/request-limits.ts";
import { LIMITS } from "../../gateway/limits.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A connection without a network. */
const connection = () => {
  const request = new IncomingMessage(new Socket());
  return { request, response: () => new ServerResponse(request) };
};

test("a connection has a few streams, and each one that ends makes room", () => {
  const { request, response } = connection();
  const open = Array.from({ length: LIMITS.streams }, response);
  for (const stream of open) expect(openStream(request, stream)).toBe(true);
  expect(openStream(request, response())).toBe(false);
  const other = connection();
  expect(openStream(other.request, other.response())).toBe(true);
  open[0]!.emit("close");
  expect(openStream(request, response())).toBe(true);
  expect(openStream(request, response())).toBe(false);
});

test("a stream that nobody reads is cut off some time after every bank has had its time", () => {
  const { request, response } = connection();
  const stream = response();
  const cut = vi.spyOn(stream, "destroy");
  openStream(request, stream);
  vi.advanceTimersByTime(LIMITS.deadlineMs);
  expect(cut).not.toHaveBeenCalled();
  vi.advanceTimersByTime(30_000);
  expect(cut).toHaveBeenCalledOnce();
});

test("a stream that ends leaves no timer", () => {
  const { request, response } = connection();
  const stream = response();
  openStream(request, stream);
  expect(stream.getHeader("X-Accel-Buffering")).toBe("no");
  stream.emit("close");
  expect(vi.getTimerCount()).toBe(0);
});
