import { expect, test } from "vitest";
import { digestOf, isWholeToken, newToken } from "../../../gateway/askers/token-text.ts";

test("a token has a prefix that scanners find, 190 bits of chance, and a checksum", () => {
  const tokens = Array.from({ length: 1000 }, newToken);
  for (const token of tokens) {
    expect(token).toMatch(/^odan_[0-9A-Za-z]{38}$/);
    expect(isWholeToken(token)).toBe(true);
  }
  expect(new Set(tokens).size).toBe(tokens.length);
  const used = new Set(tokens.flatMap((token) => [...token.slice(5, 37)]));
  expect(used.size).toBe(62);
});

test("one that is cut, mistyped or longer is not whole", () => {
  const token = newToken();
  const swapped = token.replace(/(.)(.)(.{6})$/, (_, a, b, rest) => (a === b ? `${a}~${rest}` : b + a + rest));
  const others = [token.slice(0, -1), `${token}0`, token.slice(5), token.toUpperCase(), swapped, "odan_", ""];
  for (const other of others) expect(isWholeToken(other), other).toBe(false);
  for (let i = 5; i < token.length; i++) {
    const mistyped = token.slice(0, i) + (token[i] === "x" ? "y" : "x") + token.slice(i + 1);
    expect(isWholeToken(mistyped), mistyped).toBe(false);
  }
});

test("what is kept is its SHA-256", () => {
  expect(digestOf("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
