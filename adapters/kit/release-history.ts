import type { Release } from "../local.ts";

/** Which releases a bank has served, as its addresses stated them. */
export type ReleaseHistory = {
  /** The newest release that was stated; undefined before the first one. */
  readonly current: () => Release | undefined;
  readonly note: (release: Release) => void;
  /** Whether this is a release that the bank has left, or an earlier one. */
  readonly isBehind: (release: Release) => boolean;
};

export const releaseHistory = (): ReleaseHistory => {
  let current: Release | undefined;
  const left = new Set<string>();
  return {
    current: () => current,
    note(release) {
      if (current !== undefined && current.id !== release.id) left.add(current.id);
      left.delete(release.id);
      current = release;
    },
    isBehind: ({ id, date }) => current !== undefined && id !== current.id && (left.has(id) || date < current.date),
  };
};
