import { once, setMaxListeners } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What a proxy does with its connections, the open ones included.
 * - `refuse`: accepts none, as if nothing listened; open connections end.
 * - `reset`: takes each and ends it at once.
 * - `delay`: delays what is sent, in either direction, in ms.
 * - `drop`: half-open. Connections are taken and stay, and nothing arrives until the mode changes.
 * - `cut`: a connection ends once so many bytes have come back on it since the mode was set.
 */
export type Mode =
  | { readonly kind: "pass" | "refuse" | "reset" | "drop" }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "cut"; readonly bytes: number };

/** A TCP proxy with switchable faults. Disposing it closes all its sockets. */
export type TcpProxy = AsyncDisposable & {
  readonly port: number;
  readonly set: (mode: Mode) => Promise<void>;
  /** Changes the target port; connections to the old one end. */
  readonly aim: (port: number) => void;
  /** Connections taken since the start. */
  readonly taken: () => number;
  /** Connections open now. */
  readonly open: () => number;
};

type Pair = { readonly near: Socket; readonly far: Socket; left: number };

/** @param target port on 127.0.0.1 */
export const tcpProxy = async (target: number): Promise<TcpProxy> => {
  let aim = target;
  let mode: Mode = { kind: "pass" };
  let taken = 0;
  let changed = change();
  const pairs = new Set<Pair>();

  const reset = (pair: Pair): void => {
    pairs.delete(pair);
    for (const socket of [pair.near, pair.far]) {
      // One that is connecting or has ended its side cannot be reset, and would stay behind.
      if (socket.connecting || socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  };

  /** Moves bytes on when they may; in order, whatever the mode was when they came. */
  const move = async (from: Socket, to: Socket, pair: Pair): Promise<void> => {
    const queue: { readonly at: number; readonly chunk: Buffer | null }[] = [];
    let moving = false;
    const drain = async (): Promise<void> => {
      if (moving) return;
      moving = true;
      for (let next = queue[0]; next !== undefined && pairs.has(pair); next = queue[0]) {
        const wait =
          mode.kind === "drop" ? FOR_EVER : mode.kind === "delay" ? next.at + mode.ms - performance.now() : 0;
        if (wait > 0) {
          await sleep(wait, undefined, { signal: changed.signal }).catch(() => undefined);
          continue;
        }
        queue.shift();
        if (next.chunk === null) to.end();
        else if (mode.kind === "cut" && to === pair.near) {
          to.write(next.chunk.subarray(0, pair.left));
          pair.left -= next.chunk.length;
          // After what was written has left, so that the reset does not overtake it.
          if (pair.left <= 0) setImmediate(reset, pair);
        } else to.write(next.chunk);
      }
      moving = false;
    };
    const take = (chunk: Buffer | null): void => {
      queue.push({ at: performance.now(), chunk });
      void drain();
    };
    from.on("data", take);
    from.on("end", () => take(null));
  };

  const server = createServer({ allowHalfOpen: true }, (near) => {
    taken += 1;
    near.on("error", () => undefined);
    if (mode.kind === "reset") {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: aim, host: "127.0.0.1", allowHalfOpen: true });
    const pair: Pair = { near, far, left: mode.kind === "cut" ? mode.bytes : 0 };
    pairs.add(pair);
    for (const socket of [near, far]) {
      socket.on("error", () => mode.kind !== "drop" && reset(pair));
      socket.on("close", () => {
        if (near.destroyed && far.destroyed) pairs.delete(pair);
      });
    }
    void move(near, far, pair);
    void move(far, near, pair);
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const resetAll = (): void => {
    for (const pair of pairs) reset(pair);
  };
  const port = await listen(0);

  return {
    port,
    async set(next) {
      mode = next;
      if (next.kind === "refuse" || next.kind === "reset") resetAll();
      if (next.kind === "cut") for (const pair of pairs) pair.left = next.bytes;
      changed.abort();
      changed = change();
      if (next.kind === "refuse" && server.listening) server.close();
      if (next.kind !== "refuse" && !server.listening) await listen(port);
    },
    aim(next) {
      aim = next;
      resetAll();
    },
    taken: () => taken,
    open: () => pairs.size,
    async [Symbol.asyncDispose]() {
      const closed = server.listening ? once(server, "close") : null;
      server.close();
      resetAll();
      changed.abort();
      await closed;
    },
  };
};

/** The longest that a timer takes: 24 days. */
const FOR_EVER = 2 ** 31 - 1;

/** Aborts when the mode changes; every direction of every connection may wait for that. */
const change = (): AbortController => {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
};
