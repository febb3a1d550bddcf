import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import { connections } from "../../adapters/omop/connections.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

// Each read made a signal with AbortSignal.any, and the signal that closes the adapter kept a reference to every one of them.
test("whoever has gone leaves nothing behind", async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.on("error", () => undefined)));
  await once(silent.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void silent.close());
  const login = { host: "127.0.0.1", port: (silent.address() as AddressInfo).port, user: "odan", database: "odan" };
  await using database = connections({ bank: "ncbn", login, timeoutMs: 60_000, atOnce: 1, cancel: "abandon" });
  const first = database.read([], new AbortController().signal).catch(() => undefined);
  await once(silent, "connection");

  const reasons = new Set<unknown>();
  const comeAndGo = async (times: number): Promise<number> => {
    for (let i = 0; i < times; i++) {
      const asker = new AbortController();
      const read = database.read([], asker.signal);
      asker.abort("gone");
      await read.catch((reason) => reasons.add(reason));
      // What a weak reference was made to in this turn of the loop is kept to its end.
      if (i % 500 === 0) await setImmediate();
    }
    await setImmediate();
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await comeAndGo(5000);
  const after = await comeAndGo(30_000);
  for (const socket of sockets) socket.destroy();
  await first;
  expect([...reasons]).toEqual(["gone"]);
  // It was 65 bytes of each.
  expect((after - before) / 30_000).toBeLessThan(25);
});
