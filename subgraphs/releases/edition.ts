import { createHash } from "node:crypto";
import { vocabularyDigest } from "../../schema/digest.ts";
import type { Bounds, Release } from "../../schema/release.ts";
import type { Disclosure } from "../disclose/disclose.ts";
import type { Candidate } from "./authority.ts";

/** What a lease tells of an edition. */
export type About = { readonly release: Release; readonly size: Bounds };

/** Counted up when the same question about the same data gets another answer; a test pins what it stands for. */
export const ANSWERS_VERSION = 1;

/** What a bank's answers depend on besides its data. `fingerprint`: hash of what its mapping was read from. */
export type Basis = { readonly fingerprint: string; readonly disclosure: Pick<Disclosure, "policy" | "key"> };

/** A release as it is answered from: any change of data, bounds, mapping, vocabulary, policy or key is another edition. */
export const candidateOf = ({ fingerprint, disclosure }: Basis, release: Release, size: Bounds): Candidate<About> => {
  const { id, date, kind } = release;
  const { policy, key } = disclosure;
  const about = { release: { id, date, kind }, size: { donors: size.donors, samples: size.samples } };
  const parts = [ANSWERS_VERSION, vocabularyDigest(), fingerprint, policy, key?.digest ?? null, about];
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
  return { digest, about };
};

/** Hash of what a mapping was read from: bank.yaml, before the environment fills it in, and its code tables. */
export const fingerprintOf = (parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}\0`).update(part);
  return hash.digest("hex");
};
