import { generateKeyPairSync } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readBankKey } from "../../gateway/secrets/bank-key.ts";
import { readTls } from "../../gateway/secrets/tls-files.ts";
import { trustedKeys } from "../../gateway/secrets/trusted-keys.ts";
import { keyId } from "../../net/signing/keys.ts";
import { authority } from "../certificates.ts";
import { newFolder } from "../folder.ts";
import { memoryLog } from "./fake-subgraph.ts";

const newId = (): string => keyId(generateKeyPairSync("ed25519").privateKey);
const ids = (keys: readonly { readonly id: string }[]) => keys.map(({ id }) => id);

describe("the bank's key", () => {
  test("is made once, for its owner alone, however many processes start at once", async () => {
    const file = join(await newFolder(), "new", "bank.key");
    const keys = await Promise.all(Array.from({ length: 5 }, () => readBankKey(file)));
    expect(new Set(keys.map(keyId)).size).toBe(1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(keyId(await readBankKey(file))).toBe(keyId(keys[0]!));
  });

  test.each([
    ["", "wanted an Ed25519 private key in PEM"],
    ["nonsense", "wanted an Ed25519 private key in PEM"],
    [
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      "wanted an Ed25519 private key in PEM",
    ],
  ])("is refused: %j", async (text, message) => {
    const file = join(await newFolder(), "bank.key");
    await writeFile(file, text);
    await expect(readBankKey(file)).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringContaining(message),
    });
    expect(await readFile(file, "utf8"), "it is left as it is").toBe(text);
  });

  test("that cannot be made is one line", async () => {
    const folder = await newFolder();
    await writeFile(join(folder, "file"), "");
    await expect(readBankKey(join(folder, "file", "bank.key"))).rejects.toMatchObject({
      message: expect.stringMatching(/^ODAN_BANK_KEY_FILE: wanted a file that can be read or made, got ENOTDIR/),
    });
  });
});

describe("the gateways' keys", () => {
  test("stand in the setting, or in a file that is read anew when it changes", async () => {
    const { log, lines } = memoryLog();
    const [a, b] = [newId(), newId()];
    expect(ids(trustedKeys(`${a}, ${b}`, log)())).toEqual([a, b]);
    const file = join(await newFolder(), "keys");
    await writeFile(file, `${a}\n`);
    const keys = trustedKeys(file, log);
    expect(ids(keys())).toEqual([a]);
    await writeFile(file, `${b}\n${a}\n`);
    await expect.poll(() => ids(keys()), { timeout: 10_000 }).toEqual([b, a]);
    // A key that was taken out is no longer good, and a file that is half written changes nothing.
    await writeFile(file, `${b}\n`);
    await expect.poll(() => ids(keys()), { timeout: 10_000 }).toEqual([b]);
    await writeFile(file, "half");
    await expect.poll(() => JSON.stringify(keys() && lines), { timeout: 10_000 }).toContain("cannot be read");
    expect(ids(keys())).toEqual([b]);
    await rm(file);
    expect(ids(keys())).toEqual([b]);
  });

  test.each(["no-such-file", "A".repeat(43), "[]"])("are refused: %s", (setting) => {
    expect(() => trustedKeys(setting, memoryLog().log)).toThrow(/^ODAN_GATEWAY_KEYS: wanted .* The gateways' keys are/);
  });
});

describe("certificates", () => {
  const none = { certFile: null, keyFile: null, caFile: null };

  test("are read, and none is none", async () => {
    const folder = await newFolder();
    const { ca, issue } = authority("Federation");
    const { certificate, key } = issue(["bank.example"]);
    const files = { certFile: join(folder, "cert"), keyFile: join(folder, "key"), caFile: join(folder, "ca") };
    await Promise.all([
      writeFile(files.certFile, certificate),
      writeFile(files.keyFile, key),
      writeFile(files.caFile, ca),
    ]);
    expect(await readTls(files)).toEqual({ cert: certificate, key, ca });
    expect(await readTls({ ...none, caFile: files.caFile })).toEqual({ ca });
    expect(await readTls(none)).toBeUndefined();
    await writeFile(files.caFile, "nonsense");
    await expect(readTls(files)).rejects.toThrow("wanted PEM files that fit together");
    await mkdir(join(folder, "folder"));
    await expect(readTls({ ...none, caFile: join(folder, "folder") })).rejects.toThrow("got EISDIR");
    await expect(readTls({ ...none, certFile: files.certFile })).rejects.toThrow("wanted both or neither, got one");
  });
});
