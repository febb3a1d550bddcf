import { once, remember } from "../once.ts";
import type { CodeTable } from "./code-graph.ts";
import { type CrossReference, icd10Under, withRelation } from "./cross-reference.ts";
import { icd10Chapters, icd10Span } from "./icd10.ts";
import { oncotreeTable } from "./oncotree.ts";
import { nandoTable, noticeNumbers, numberOfClass, orphaTable } from "./rare.ts";
import { intersectSpans, type Span, spansMeet, spansWithin, unionSpans } from "./spans.ts";

/**
 * The model behind "has this disease" when banks code in different systems.
 *
 * A diagnosis has one place on each of four axes: an atom of ICD-10, a code of ORPHA, a class of NANDO, a code of OncoTree
 * (or none of them). A question and a record each say which places are possible. A code fixes its own axis and, through
 * cross-references, bounds the others: ORPHA:803 (ALS) is narrower than ICD10:G12.2, so its ICD-10 atom is G12.2.
 * - Within: a record surely meets a question where on one axis all its possible places are asked for. ORPHA:803 lies within
 *   ICD10:G12.2, but a record G12.2 does not lie within ORPHA:803: its ORPHA code may be another one.
 * - Meets: a record may meet a question unless on some axis no possible place of the one is one of the other. G12.2 may
 *   denote ORPHA:803; ORPHA:481 may not, since it is another code of the same axis.
 *
 * A code that is narrower than several codes together (ORPHA:70, spinal muscular atrophy: G12.0 and G12.1) lies within
 * none of them alone. A code without a reference lies where its nearest ancestor with one does; where code and parent
 * disagree, the code's own reference is right. A group without either is where its members are, a single disease in
 * one of the chapters of its neighbours, and what has no neighbours may be anywhere; none of that is relied on for
 * "within". So an unknown relation makes an answer wide rather than wrong.
 */
export type Place = {
  /** The axis that the code fixes. */
  readonly axis: Axis;
  /** Atoms of ICD-10; null: anywhere. */
  readonly icd10: readonly Span[] | null;
  /** Whether `icd10` can be relied on. */
  readonly sure: boolean;
  /** Atoms of ICD-10 that all lie within the code. */
  readonly inside: readonly Span[];
  /** ORPHA codes that all lie within the code. */
  readonly members: readonly string[];
} & { readonly [A in Axis]: ReadonlySet<string> | null };

/** The axes beside ICD-10. */
export type Axis = "ORPHA" | "NANDO" | "ONCOTREE";
export const AXES: readonly Axis[] = ["ORPHA", "NANDO", "ONCOTREE"];

/** Everything that lies within a code of an axis (`closed`), or that code alone. */
export const placeOf = (axis: Axis, code: string, closed: boolean): Place =>
  (closed ? closedPlace : exactPlace)(`${axis}:${code}`);

const closedPlace = remember((curie) => makePlace(curie, true));
const exactPlace = remember((curie) => makePlace(curie, false));

/** Whether every possible place of `inner` is one that `outer` asks for. */
export const placeWithin = (inner: Place, outer: Place): boolean => {
  const own = inner[outer.axis];
  const asked = outer[outer.axis]!;
  return own !== null && own.size <= asked.size && every(own, asked);
};

/**
 * Whether some place may be in both. Codes of one axis are compared on that axis alone, since cross-references cannot tell
 * a code from its ancestors.
 */
export const placesMeet = (a: Place, b: Place): boolean =>
  a.axis === b.axis ? some(a[a.axis]!, b[a.axis]!) : placesAgree(a, b);

const placesAgree = (a: Place, b: Place): boolean =>
  (a.icd10 === null || b.icd10 === null || spansMeet(a.icd10, b.icd10)) &&
  AXES.every((axis) => {
    const [left, right] = [a[axis], b[axis]];
    return left === null || right === null || (left.size < right.size ? some(left, right) : some(right, left));
  });

const every = (of: ReadonlySet<string>, others: ReadonlySet<string>): boolean => {
  for (const each of of) if (!others.has(each)) return false;
  return true;
};
const some = (of: ReadonlySet<string>, others: ReadonlySet<string>): boolean => {
  for (const each of of) if (others.has(each)) return true;
  return false;
};

const makePlace = (curie: string, closed: boolean): Place => {
  const { axis, code, graph, orpha } = codeAt(curie);
  const own: ReadonlySet<string> = closed ? graph.below(code) : new Set([code]);
  const { icd10, sure, inside } = (closed ? closedReach : exactReach)(curie);
  return {
    axis,
    icd10,
    sure,
    members: withRelation(orpha, [">"]).map((member) => member.code),
    inside: closed || graph.children(code).length === 0 ? inside : [],
    ORPHA: axis === "ORPHA" ? own : axis === "NANDO" ? orphaOf(code) : null,
    NANDO: axis === "NANDO" ? own : axis === "ORPHA" ? nandoOf(code) : null,
    ONCOTREE: axis === "ONCOTREE" ? own : null,
  };
};

type Reach = Pick<Place, "icd10" | "sure" | "inside">;

const exactReach = (curie: string): Reach => {
  const { spans, sure } = positionOf(curie);
  return { icd10: spans, sure, inside: unionSpans(insideOf(curie)) };
};

/** Put together of what the children reach, each once: groups share thousands of descendants. */
const closedReach: (curie: string) => Reach = remember((curie) => {
  const { axis, code, graph } = codeAt(curie);
  const parts = [exactReach(curie), ...graph.children(code).map((child) => closedReach(`${axis}:${child}`))];
  return {
    icd10: parts.some(({ icd10 }) => icd10 === null) ? null : unionSpans(parts.flatMap(({ icd10 }) => icd10 ?? [])),
    sure: parts.every(({ sure }) => sure),
    inside: unionSpans(parts.flatMap(({ inside }) => inside)),
  };
});

const TABLES: { readonly [A in Axis]: () => CodeTable } = {
  ORPHA: orphaTable,
  NANDO: nandoTable,
  ONCOTREE: oncotreeTable,
};

/** A code of an axis such as ORPHA:803, with its references to ICD-10 and, of a class that is a notice number, to ORPHA. */
const codeAt = remember((curie) => {
  const [axis, code] = curie.split(":") as [Axis, string];
  const { graph, icd10 } = TABLES[axis]();
  return {
    axis,
    code,
    graph,
    parents: graph.parents(code).map((parent) => `${axis}:${parent}`),
    icd10: icd10(code),
    orpha: axis === "NANDO" ? orphaReferences(code) : [],
  };
});

const orphaReferences = (nando: string): readonly CrossReference[] => numberOfClass().get(nando)?.orpha ?? [];

type Position = { readonly spans: readonly Span[] | null; readonly sure: boolean };

/** Where in ICD-10 one code is, without what lies below it. */
const positionOf = remember((curie): Position => {
  const bound = boundOf(curie);
  return bound === null ? { spans: guessOf(curie), sure: false } : { spans: bound, sure: true };
});

/**
 * Bounded by the code's own references, by those of the ORPHA code that its number is or lies in, or by those of the codes
 * above it; null without any.
 */
const boundOf: (curie: string) => readonly Span[] | null = remember((curie) => {
  const { icd10, orpha, parents } = codeAt(curie);
  const [same] = withRelation(orpha, ["=", "<"]);
  const own = icd10Under(icd10, ["=", "<"]) ?? (same === undefined ? null : boundOf(`ORPHA:${same.code}`));
  // What is said to be the same as one code and broader than others reaches as far as all of them.
  if (own !== null) {
    const members = withRelation(orpha, [">"]).flatMap(({ code }) => boundOf(`ORPHA:${code}`) ?? []);
    return unionSpans([...own, ...(icd10Under(icd10, [">"]) ?? []), ...members]);
  }
  return icd10.length > 0 ? null : commonOf(parents.map(boundOf));
});

/** The atoms that those that are known have in common, or all of theirs where they have none; null: none is known. */
const commonOf = (all: readonly (readonly Span[] | null)[]): readonly Span[] | null => {
  const known = all.filter((spans) => spans !== null);
  return known.length === 0 ? null : known.reduce(narrowed);
};

const narrowed = (a: readonly Span[], b: readonly Span[]): readonly Span[] => {
  const both = intersectSpans(a, b);
  return both.length > 0 ? both : unionSpans([...a, ...b]);
};

/** Near its looser references, its descendants or, failing these, in the chapters of its neighbours; null: anywhere. */
const guessOf: (curie: string) => readonly Span[] | null = remember((curie) => {
  const near = nearOf(curie);
  if (near.length > 0) return near;
  const around = (parent: string): readonly Span[] | null => {
    const spans = guessOf(parent);
    return spans === null ? null : chaptersOf(spans);
  };
  return looseOf(curie) ?? commonOf(codeAt(curie).parents.map(around));
});

/** Atoms near the nearest code above that has looser references; null without such a code. */
const looseOf: (curie: string) => readonly Span[] | null = remember((curie) => {
  const { icd10, orpha, parents } = codeAt(curie);
  return icd10.length > 0 || orpha.length > 0 ? nearOf(curie) : firstOf(parents, looseOf);
});

/** Where a code and what lies below it are known to be, or near. */
const nearOf: (curie: string) => readonly Span[] = remember((curie) => {
  const { axis, code, graph, icd10, orpha } = codeAt(curie);
  return unionSpans([
    ...(boundOf(curie) ?? []),
    ...(icd10Under(icd10, [">", "~"]) ?? []),
    ...graph.children(code).flatMap((child) => nearOf(`${axis}:${child}`)),
    ...orpha.flatMap((same) => nearOf(`ORPHA:${same.code}`)),
  ]);
});

const chapterSpans = once(() => icd10Chapters.flatMap((chapter) => icd10Span(chapter, true)));
const chaptersOf = (spans: readonly Span[]): readonly Span[] =>
  unionSpans(chapterSpans().filter((chapter) => spansMeet([chapter], spans)));

const insideOf = (curie: string): readonly Span[] => {
  const { axis, icd10, orpha } = codeAt(curie);
  if (axis !== "NANDO") return icd10Under(icd10, ["=", ">"]) ?? [];
  return withRelation(orpha, ["=", ">"]).flatMap(({ code }) => placeOf("ORPHA", code, true).inside);
};

/** The ORPHA codes that one of NANDO's classes lies within; null where that is not known. */
const orphaOf: (code: string) => ReadonlySet<string> | null = remember((code) => {
  const [found] = withRelation(orphaReferences(code), ["=", "<"]);
  if (found !== undefined) return orphaTable().graph.below(found.code);
  return firstOf(nandoTable().graph.parents(code), orphaOf);
});

/** NANDO's class that an ORPHA code is the same as, or narrower than. */
const classOfOrpha = once((): ReadonlyMap<string, string> => {
  const classes = [...noticeNumbers().values()].flatMap(({ root, orpha }) =>
    withRelation(orpha, ["=", ">"]).map(({ code }) => [code, root] as const),
  );
  return new Map(classes);
});

/** NANDO's classes that an ORPHA code lies within; null where that is not known. */
const nandoOf: (code: string) => ReadonlySet<string> | null = remember((code) => {
  const root = classOfOrpha().get(code);
  if (root !== undefined) return nandoTable().graph.below(root);
  return firstOf(orphaTable().graph.parents(code), nandoOf);
});

const firstOf = <T>(codes: readonly string[], of: (code: string) => T | null): T | null => {
  for (const code of codes) {
    const found = of(code);
    if (found !== null) return found;
  }
  return null;
};

/** Whether every possible place lies within these atoms of ICD-10. */
export const placeInSpans = ({ icd10, sure }: Place, spans: readonly Span[]): boolean =>
  sure && icd10 !== null && spansWithin(icd10, spans);

/** Whether some place may be among these atoms of ICD-10. */
export const placeMeetsSpans = ({ icd10 }: Place, spans: readonly Span[]): boolean =>
  icd10 === null ? spans.length > 0 : spansMeet(icd10, spans);
