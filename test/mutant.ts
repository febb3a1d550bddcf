import { existsSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Node } from "oxc-parser";
import { nodesOf, parseSource, ROOMS, ROOT, readSources, type Source } from "./house/source.ts";

/**
 * A fault planted in the product, at the statement, property or expression that follows the comment `// mutant: <marker>`:
 * the code at `at` becomes what `becomes` makes of it.
 *
 * The marker belongs to the decision that it stands before, not to a line or a file. When you rewrite or move that decision
 * move the marker with it, to the one place that now decides the same. `at` finds its way through the syntax tree, so
 * a line break or another spelling of the rest does no harm. Where the new shape differs, or a local name that `becomes`
 * uses, change the mutant and not its meaning, which is its `name`: `test/mutant.test.ts` says in a second what does not
 * fit, and the suites of the law and of consistency say whether the fault is still caught.
 */
export type Mutant = {
  readonly name: string;
  readonly marker: string;
  readonly at: Place;
  readonly becomes: (was: string) => string;
};

/** The way from a marked node to the code that changes. @throws where the node has no such place */
export type Place = (marked: Node) => Node;

/** Where the tests of one process put their copies; the test that planted them removes them. */
export const COPIES = path.join(ROOT, ".odan/mutants", String(process.pid));

/**
 * A copy of the product and of the simulation with the fault in it; gives its root. Imports between them stay within the copy.
 * @throws where the marker is missing or there twice, and where the mutant does not fit the code
 */
export const plant = async (mutant: Mutant, name: string): Promise<string> => {
  const { file, text } = mutated(mutant, markersIn(readAll()));
  const root = path.join(COPIES, name);
  await mkdir(root, { recursive: true });
  const folders = COPIED.filter((folder) => existsSync(path.join(ROOT, folder)));
  await Promise.all(folders.map((folder) => cp(path.join(ROOT, folder), path.join(root, folder), { recursive: true })));
  await writeFile(path.join(root, file), text);
  return root;
};

const COPIED = [...ROOMS, "test/cache", "test/consistency"];

/** The mutant's file with its fault. @see plant */
export const mutated = (
  mutant: Mutant,
  markers: readonly Marker[],
): { readonly file: string; readonly text: string } => {
  const [found, ...more] = markers.filter(({ marker }) => marker === mutant.marker);
  const say = (wanted: string, got: string): Error =>
    new Error(`mutant "${mutant.name}" (// mutant: ${mutant.marker}): wanted ${wanted}, got ${got}`);
  if (found === undefined) throw say("its marker once in the product", "none");
  if (more.length > 0)
    throw say("its marker once in the product", [found, ...more].map(({ source }) => source.file).join(", "));
  const { source, marked } = found;
  const { file, text } = source;
  if (marked === undefined) throw say("code after its marker", `nothing, in ${file}`);
  let place: Node;
  try {
    place = mutant.at(marked);
  } catch (error) {
    throw say((error as Error).message, `"${text.slice(marked.start, marked.end)}" in ${file}`);
  }
  const was = text.slice(place.start, place.end);
  const becomes = mutant.becomes(was);
  if (becomes === was) throw say("a fault", `"${was}" unchanged in ${file}`);
  const after = parseSource(file, `${text.slice(0, place.start)}${becomes}${text.slice(place.end)}`);
  const planted = { start: place.start, end: place.start + becomes.length };
  const known = new Set([...namesIn(source), ...namesIn(after, planted, "declared")]);
  const unknown = [...namesIn(after, planted)].filter((name) => !known.has(name) && !(name in globalThis));
  if (unknown.length > 0) throw say("names that its file knows", `${unknown.join(", ")} in ${file}`);
  return { file, text: after.text };
};

/** A marker in the product, and the outermost node that begins after it. */
export type Marker = { readonly marker: string; readonly source: Source; readonly marked: Node | undefined };

const MARKER = /^\s*mutant:\s*([\w-]+)\s*$/;

export const markersIn = (sources: readonly Source[]): readonly Marker[] =>
  sources.flatMap((source) =>
    source.comments.flatMap(({ value, end }) => {
      const marker = MARKER.exec(value)?.[1];
      return marker === undefined ? [] : [{ marker, source, marked: nodeAfter(source, end) }];
    }),
  );

/** All that a mutant may be planted in. */
export const readAll = (): readonly Source[] => readSources(COPIED, "mutant:");

const nodeAfter = ({ program }: Source, position: number): Node | undefined => {
  const later = nodesOf(program)
    .map(({ node }) => node)
    .filter(({ start }) => start >= position);
  const first = Math.min(...later.map(({ start }) => start));
  // Parents come before their children.
  return later.find(({ start }) => start === first);
};

/** Identifiers that code refers to, or declares, in all of a file or within a part of it. */
const namesIn = (
  { program }: Source,
  part: { readonly start: number; readonly end: number } = program,
  which: "all" | "declared" = "all",
): ReadonlySet<string> => {
  const names = nodesOf(program).flatMap(({ node, above: [parent, grand] }) => {
    if (node.type !== "Identifier" || node.start < part.start || node.end > part.end) return [];
    if (parent?.type === "MemberExpression" && parent.property === node && !parent.computed) return [];
    if (parent?.type === "Property" && parent.key === node && !parent.computed && !parent.shorthand) return [];
    const declares =
      (parent?.type === "ArrowFunctionExpression" && parent.params.some((each) => each === node)) ||
      (parent?.type === "VariableDeclarator" && parent.id === node) ||
      parent?.type === "ArrayPattern" ||
      parent?.type === "RestElement" ||
      (parent?.type === "Property" && grand?.type === "ObjectPattern");
    return which === "all" || declares ? [node.name] : [];
  });
  return new Set(names);
};

/** All of the marked code. */
export const itself: Place = (marked) => marked;

/** What the marked code gives: of a declaration or an assignment the new value, of a `return`, a property or a statement its expression. */
export const value: Place = (marked) => {
  switch (marked.type) {
    case "VariableDeclaration":
      return wanted("one value", marked.declarations.length === 1 ? marked.declarations[0]?.init : null);
    case "ReturnStatement":
      return wanted("a value", marked.argument);
    case "Property":
      return marked.value;
    case "ExpressionStatement":
      return value(marked.expression);
    case "AssignmentExpression":
      return marked.right;
    default:
      return marked;
  }
};

/** The condition of a marked `if`, or of a value that is `condition ? a : b`. */
export const condition: Place = (marked) => {
  const node = marked.type === "IfStatement" ? marked : value(marked);
  return wanted("a condition", node.type === "IfStatement" || node.type === "ConditionalExpression" ? node.test : null);
};

/** What a marked `if` does. */
export const consequent: Place = (marked) => wanted("an if", marked.type === "IfStatement" ? marked.consequent : null);

/** The right side of a comparison or a logical operator. */
export const rightOf =
  (place: Place): Place =>
  (marked) => {
    const node = place(marked);
    return wanted(
      "two operands",
      node.type === "BinaryExpression" || node.type === "LogicalExpression" ? node.right : null,
    );
  };

/** An argument of the outermost call of the value, counted from 0; from the end where negative. An `await` does not count. */
export const argument =
  (index: number): Place =>
  (marked) => {
    const awaited = value(marked);
    const node = awaited.type === "AwaitExpression" ? awaited.argument : awaited;
    return wanted(`a call with argument ${index}`, node.type === "CallExpression" ? node.arguments.at(index) : null);
  };

const wanted = (what: string, node: Node | null | undefined): Node => {
  if (node === null || node === undefined) throw new Error(what);
  return node;
};
