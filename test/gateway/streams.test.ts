import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openStream } from "../../gateway/http/streams.ts";
import { LIMITS } from "../../gateway/limits.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const request = (): IncomingMessage => ({ socket: {} }) as IncomingMessage;

class Response extends EventEmitter {
  readonly headers = new Map<string, string>();
  setHeader(name: string, value: string): void {
    this.headers.set(name, value);
  }
  destroy(): void {
    this.emit("close");
  }
}
const responseOf = (response: Response) => response as unknown as ServerResponse;

test("a connection has a few, and each one that ends makes room", () => {
  const asked = request();
  const open = Array.from({ length: LIMITS.streams }, () => new Response());
  for (const response of open) expect(openStream(asked, responseOf(response))).toBe(true);
  expect(openStream(asked, responseOf(new Response()))).toBe(false);
  expect(openStream(request(), responseOf(new Response()))).toBe(true);
  open[0]!.emit("close");
  expect(openStream(asked, responseOf(new Response()))).toBe(true);
  expect(openStream(asked, responseOf(new Response()))).toBe(false);
});

test("one that nobody reads is cut off some time after every bank has had its time", () => {
  const response = new Response();
  const cut = vi.spyOn(response, "destroy");
  openStream(request(), responseOf(response));
  vi.advanceTimersByTime(LIMITS.deadlineMs);
  expect(cut).not.toHaveBeenCalled();
  vi.advanceTimersByTime(30_000);
  expect(cut).toHaveBeenCalledOnce();
});

test("one that ends leaves no timer", () => {
  const response = new Response();
  openStream(request(), responseOf(response));
  expect(response.headers.get("X-Accel-Buffering")).toBe("no");
  response.emit("close");
  expect(vi.getTimerCount()).toBe(0);
});
