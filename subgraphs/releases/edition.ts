import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Bounds, Release } from "../../schema/release.ts";
import type { Candidate } from "./authority.ts";

/** What a lease tells of an edition. */
export type About = { readonly release: Release; readonly size: Bounds };

/** Counted up when the same question about the same data may be answered in other words or numbers. */
const ANSWERS_VERSION = 1;

/** A release of the data as it is understood here: any change of data, mapping or vocabulary is another edition. */
export const candidateOf = (mapping: string, local: Release, kind: Release["kind"], size: Bounds): Candidate<About> => {
  const { id, date } = local;
  const parts = [ANSWERS_VERSION, vocabulary(), mapping, id, date, kind, size];
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
  return { digest, about: { release: { id, date, kind }, size } };
};

let known: string | undefined;

/** Hash of the code lists that this process reads questions with. */
const vocabulary = (): string => {
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  const root = fileURLToPath(new URL("../../schema/", import.meta.url));
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" }).sort()) {
    if (file.endsWith(".json") || file.endsWith(".csv")) hash.update(`${file}\0`).update(readFileSync(root + file));
  }
  known = hash.digest("hex");
  return known;
};

/** Hash of what a mapping was read from: bank.yaml, before the environment fills it in, and its code tables. */
export const fingerprintOf = (parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}\0`).update(part);
  return hash.digest("hex");
};
