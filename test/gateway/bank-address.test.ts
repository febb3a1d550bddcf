import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bankAddress } from "../../gateway/banks/address.ts";
import { openBanks } from "../../gateway/banks/open.ts";
import { isLoopback } from "../../net/loopback.ts";
import { keyId } from "../../net/signing/keys.ts";
import { memoryLog } from "./fake-subgraph.ts";

const [K, L] = [0, 1].map(() => keyId(generateKeyPairSync("ed25519").privateKey)) as [string, string];

const read = (entry: string) => {
  const address = bankAddress(entry);
  if (typeof address === "string") return address;
  if (address.kind === "file") return [address.file];
  return { id: address.id, urls: address.urls.map(String), keys: address.keys.map(({ id }) => id) };
};

test.each<[string, unknown]>([
  ["a/bank.yaml", ["a/bank.yaml"]],
  ["bbj=a/bank.yaml", ["bbj=a/bank.yaml"]],
  ["http://127.0.0.1:42/", { id: null, urls: ["http://127.0.0.1:42/"], keys: [] }],
  ["http://[::1]:42/x|HTTP://localhost/", { id: null, urls: ["http://[::1]:42/x", "http://localhost/"], keys: [] }],
  ["bbj=http://127.1.2.3:42/", { id: "bbj", urls: ["http://127.1.2.3:42/"], keys: [] }],
  [`bbj=https://b.example/#${K}`, { id: "bbj", urls: ["https://b.example/"], keys: [K] }],
  [`bbj=http://10.0.0.5:42/#${K}+${L}`, { id: "bbj", urls: ["http://10.0.0.5:42/"], keys: [K, L] }],
  [
    `bbj=https://a.example/#${K}|https://b.example/#${L}+${K}`,
    { id: "bbj", urls: ["https://a.example/", "https://b.example/"], keys: [K, L] },
  ],
])("%s", (entry, address) => expect(read(entry)).toEqual(address));

describe("an entry is refused with what to write", () => {
  const WRITE = "where KEY is what `odan key` prints at the bank";
  test.each([
    ["http://", "wanted the URL of a subgraph such as http://127.0.0.1:4201/, got http://"],
    ["https://b.example/x", `write ID=https://b.example/x#KEY, ${WRITE}`],
    ["bbj=http://10.0.0.5:42/", `write bbj=http://10.0.0.5:42/#KEY, ${WRITE}`],
    ["http://127.0.0.1/|http://127.0.0.1.example/", "write ID=http://127.0.0.1.example/#KEY"],
    ["http://localhost.example/", "write ID=http://localhost.example/#KEY"],
    ["http://0.0.0.0:42/", "write ID=http://0.0.0.0:42/#KEY"],
    [`https://b.example/#${K}`, `wanted the bank's id before its address: ID=https://b.example/#${K}`],
    ["bbj=https://b.example/#", "wanted a public key after #"],
    [`bbj=https://b.example/#${K.slice(1)}`, "wanted a public key after #"],
    [`bbj=https://b.example/#${K}+`, "wanted a public key after #"],
    [`BBJ=https://b.example/#${K}`, "wanted the id of a bank before =, got BBJ"],
    ["bbj=http://me:secret@127.0.0.1/", "wanted a URL without user and password"],
  ])("%s", (entry, message) => {
    const fault = read(entry);
    expect(fault).toContain(message);
    expect(fault).not.toContain("secret");
  });

  test("and the gateway does not start", async () => {
    const config = { banks: ["http://10.0.0.5/"], data: ".odan", env: {}, leaseMs: 5000 };
    await expect(openBanks(config, memoryLog().log)).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringContaining("ODAN_BANKS: wanted the id and the public key of a bank"),
    });
  });
});

test.each([
  ["127.0.0.1", true],
  ["127.255.0.9", true],
  ["localhost", true],
  ["a.localhost", true],
  ["::1", true],
  ["[::1]", true],
  ["::ffff:127.0.0.1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["localhost.example", false],
  ["127.0.0.1.example", false],
  ["1127.0.0.1", false],
])("%s is this machine: %s", (host, is) => expect(isLoopback(host)).toBe(is));
