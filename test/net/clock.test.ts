import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { patientSleep, realClock } from "../../net/clock.ts";
import { manualClock } from "../cache/manual-clock.ts";

// A gateway with three hundred new questions was busy for longer than it waits for a bank's word. The bank had answered; its
// word was not read yet when the timer ran, and the gateway told 990 of 1,000 askers that the bank had timed out.
test("what came while this process was busy has come in time", async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  const over = new AbortController();
  const first = Promise.race([
    once(socket, "data").then(() => "the answer"),
    patientSleep(realClock, 200, over.signal).then(() => "no more patience"),
  ]);
  socket.write("word");
  const busyUntil = performance.now() + 400;
  while (performance.now() < busyUntil);
  expect(await first).toBe("the answer");
  over.abort();
});

test("where nothing comes it ends, after that time and no sooner; and at once when it is told to", async () => {
  const clock = manualClock();
  const sleeps: number[] = [];
  const counted = { ...clock, stretches: 20, sleep: async (ms: number) => void sleeps.push(ms) };
  await patientSleep(counted, 250, new AbortController().signal);
  expect(sleeps).toHaveLength(20);
  expect(sleeps.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(250);
  const reason = new Error("has gone");
  const left = patientSleep(realClock, 3_600_000, AbortSignal.abort(reason));
  await expect(left).rejects.toBe(reason);
});
