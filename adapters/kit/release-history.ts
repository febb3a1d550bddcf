import type { Release } from "../local.ts";

/** See releaseHistory. */
export type ReleaseHistory = ReturnType<typeof releaseHistory>;

/** Which releases a bank has served, as its addresses stated them. */
export const releaseHistory = () => {
  let current: Release | undefined;
  const left = new Set<string>();
  return {
    /** The newest release that was stated; undefined before the first one. */
    current: () => current,
    note(release: Release): void {
      if (current !== undefined && current.id !== release.id) left.add(current.id);
      left.delete(release.id);
      current = release;
    },
    /** Whether this is a release that the bank has left, or an earlier one. */
    isBehind: ({ id, date }: Release): boolean =>
      current !== undefined && id !== current.id && (left.has(id) || date < current.date),
  };
};
