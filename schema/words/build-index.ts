import { foldName } from "./fold.ts";
import { NAME_KINDS, type NameKind, writeIndex } from "./index-file.ts";
import { tokensOf } from "./tokens.ts";

/** One name of one code. */
export type Named = { readonly name: string; readonly code: string; readonly kind: NameKind };

/**
 * Makes an index of names.
 * @param priorOf how likely a code is meant, about 1, by the code and how many everyday names it has
 */
export const buildIndex = (named: readonly Named[], priorOf: (code: string, lay: number) => number): Buffer => {
  const codes = [...new Set(named.map(({ code }) => code))];
  const codeNumber = new Map(codes.map((code, i) => [code, i]));
  const byName = grouped(named, ({ name }) => name);
  const names = [...byName.keys()];
  const listed = names.flatMap((name, i) =>
    [...new Set(tokensOf(foldName(name.split("\t")[0]!)))].map((token) => ({ token, name: i })),
  );
  const byToken = grouped(listed, ({ token }) => token);
  const tokens = [...byToken.keys()].sort();
  const entries = [...byName.values()];
  const lay = grouped(
    named.filter(({ kind }) => kind === "LAY"),
    ({ code }) => code,
  );
  return writeIndex({
    names,
    codes,
    tokens,
    priors: codes.map((code) => Math.round(100 * priorOf(code, lay.get(code)?.length ?? 0))),
    codeCounts: entries.map((of) => of.length),
    codeNumbers: entries.flatMap((of) => of.map(({ code }) => codeNumber.get(code)!)),
    kinds: entries.flatMap((of) => of.map(({ kind }) => NAME_KINDS.indexOf(kind))),
    nameCounts: tokens.map((token) => byToken.get(token)!.length),
    nameSteps: tokens.flatMap((token) => byToken.get(token)!.map(({ name }, i, all) => name - (all[i - 1]?.name ?? 0))),
  });
};

/** Items by a key, in their order. */
export const grouped = <T>(all: readonly T[], keyOf: (each: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const others = groups.get(keyOf(each));
    if (others === undefined) groups.set(keyOf(each), [each]);
    else others.push(each);
  }
  return groups;
};
