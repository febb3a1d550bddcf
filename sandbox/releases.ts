import { donorsAt } from "./banks/kit.ts";

/** Which of its two releases a bank of the sandbox serves. */
export type ReleaseNumber = 1 | 2;

/** A release as each local API shows it: number and date. */
export const RELEASES: { readonly [R in ReleaseNumber]: { readonly number: string; readonly date: string } } = {
  1: { number: "2026.1", date: "2026-04-01" },
  2: { number: "2026.2", date: "2026-10-01" },
};

/** Release 2 is without one donor in 500, who withdrew, and has one more for every 200. Both shares are only plausible. */
const CHANGE = { withdrawn: 1 / 500, added: 1 / 200 };

/** How many donors change from release 1 of a published number to release 2: at least one each, but nobody leaves alone. */
export const changeOf = (published: number, size: number): { readonly withdrawn: number; readonly added: number } => {
  const total = donorsAt(published, size);
  const share = (part: number): number => Math.max(1, Math.round(total * part));
  return { withdrawn: total > 1 ? share(CHANGE.withdrawn) : 0, added: share(CHANGE.added) };
};

/** Reads the number of a release; default 1. @throws {RangeError} */
export const releaseOf = (text: string | undefined): ReleaseNumber => {
  if (text === undefined || text === "1") return 1;
  if (text === "2") return 2;
  throw new RangeError(`wanted release 1 or 2, got ${text}`);
};
