import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { Order } from "./child.ts";
import type { BankId } from "./donor.ts";
import { answered, httpServer } from "./http-server.ts";
import { POPULATIONS } from "./population.ts";
import { Refusal } from "./refusal.ts";
import { type Settings, SettingsError } from "./settings.ts";

/** Where a running sandbox takes orders: a URL on loopback, and a token that only readers of the folder know. */
type Place = { readonly url: string; readonly token: string; readonly size: number };
const placeIn = (folder: string): string => join(folder, "sandbox.json");

/** Reads a bank's id. @throws {SettingsError} */
export const bankOf = (text: string | undefined): BankId => {
  if (text !== undefined && Object.hasOwn(POPULATIONS, text)) return text as BankId;
  throw new SettingsError(`wanted a bank (${Object.keys(POPULATIONS).join(", ")}), got ${text ?? "nothing"}.`);
};

/** Takes orders for the banks and carries them out one after the other, until it is disposed. */
export const openControl = async (
  { folder, size }: Settings,
  carryOut: (bank: BankId, order: Order) => Promise<void>,
): Promise<AsyncDisposable> => {
  const token = randomUUID();
  let last: Promise<unknown> = Promise.resolve();
  const http = httpServer(
    {
      contentType: "application/json",
      largestBody: 10_000,
      refused: ({ message }) => ({ problem: message }),
      async respond({ method, headers, body }) {
        if (method !== "POST" || headers.authorization !== `Bearer ${token}`) throw new Refusal(403, "Not for you.");
        const { bank, ...order } = JSON.parse(await body()) as { readonly bank: BankId } & Order;
        const done = last.then(() => carryOut(bank, order));
        last = done.catch(() => undefined);
        return done.then(
          () => answered({ problem: null }),
          (error: Error) => answered({ problem: error.message }),
        );
      },
    },
    {},
  );
  const place: Place = { url: await http.listen(0), token, size };
  const file = placeIn(folder);
  await writeFileAtomic(file, JSON.stringify(place), { mode: 0o600 });
  return {
    async [Symbol.asyncDispose]() {
      await http.close();
      await rm(file, { force: true });
    },
  };
};

/** Gives an order to a bank of the running sandbox and waits for it. Returns the sandbox's size. @throws {SettingsError} */
export const order = async (folder: string, bank: BankId, given: Order): Promise<Pick<Settings, "size">> => {
  const none = new SettingsError(
    `No sandbox runs on ${folder}. Start it with npm start, or name its folder by ODAN_DATA.`,
  );
  const text = await readFile(placeIn(folder), "utf8").catch(() => {
    throw none;
  });
  const { url, token, size } = JSON.parse(text) as Place;
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ bank, ...given }),
  }).catch(() => {
    throw none;
  });
  const { problem } = (await response.json()) as { readonly problem: string | null };
  if (problem !== null) throw new SettingsError(`${bank}: ${problem}.`);
  return { size };
};
