import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readOperatorToken } from "../../gateway/secrets/operator-token.ts";
import { newFolder } from "../folder.ts";

const TOKEN = "0123456789abcdef";

test("the word in the file is the token, and nothing else is", async () => {
  const file = join(await newFolder(), "token");
  await writeFile(file, `${TOKEN}\n`);
  const isToken = await readOperatorToken(file);
  expect(isToken(TOKEN)).toBe(true);
  for (const other of ["", `${TOKEN}\n`, `${TOKEN}0`, TOKEN.slice(1), TOKEN.toUpperCase()]) {
    expect(isToken(other), JSON.stringify(other)).toBe(false);
  }
});

test("without a file nothing is the token", async () => {
  const isToken = await readOperatorToken(null);
  expect([isToken(""), isToken(TOKEN)]).toEqual([false, false]);
});

test("a file that is missing stops the start with one line", async () => {
  const file = join(await newFolder(), "none");
  const line = `ODAN_OPERATOR_TOKEN_FILE: wanted a file that can be read, got ENOENT for ${file}.`;
  await expect(readOperatorToken(file)).rejects.toMatchObject({ name: "ConfigError", message: line });
});

test.each(["", "\n", "short", "two words of a token", `${TOKEN}\n${TOKEN}`])("a file of %j does, too", async (text) => {
  const file = join(await newFolder(), "token");
  await writeFile(file, text);
  const line = `ODAN_OPERATOR_TOKEN_FILE: wanted one word of at least 16 characters in ${file}, got something else.`;
  await expect(readOperatorToken(file)).rejects.toMatchObject({ name: "ConfigError", message: line });
});
