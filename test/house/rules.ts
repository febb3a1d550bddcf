import { dirname, join } from "node:path/posix";
import type { ArrowFunctionExpression, Expression, Function as FunctionNode, Node } from "oxc-parser";
import { linesOf, nodesOf, ROOMS, readSources, type Source, type Visited } from "./source.ts";

/** Longest function, in lines from its first parameter to its last brace. */
const FUNCTION_LINES = 80;
/** Longest file of logic, in lines without those of its constant tables and texts. */
const FILE_LINES = 300;
/** Most positional parameters of a function. */
const PARAMETERS = 4;

/**
 * One breach of a house rule. `key` is `room: rule name` and stays the same when the code moves to another file of its room;
 * `detail` says where it is now, how much was allowed and how much came.
 */
export type Violation = { readonly key: string; readonly detail: string };

/** Every breach in the product, the sandbox and, of the rule on casts alone, the tests. */
export const allViolations = (): readonly Violation[] => [
  ...violationsOf(readSources(ROOMS)),
  ...castsIn(readSources(["test"])),
];

/** Every breach in these files. A file that is imported has to be among them to count for a cycle. */
export const violationsOf = (sources: readonly Source[]): readonly Violation[] => [
  ...sources.flatMap((source) => [...longFunctions(source), ...longFile(source), ...environment(source)]),
  ...importCycles(sources),
  ...castsIn(sources),
];

/** Files that cast a value to a type which it has not got: `as never`, or `as` by way of `unknown`. */
const castsIn = (sources: readonly Source[]): readonly Violation[] =>
  sources.flatMap(({ file, text, program }) => {
    const casts = nodesOf(program).filter(
      ({ node, above: [parent] }) =>
        node.type === "TSAsExpression" &&
        (node.typeAnnotation.type === "TSNeverKeyword" ||
          (node.typeAnnotation.type === "TSUnknownKeyword" && parent?.type === "TSAsExpression")),
    );
    return casts.slice(0, 1).map(({ node }) => ({
      key: `${roomOf(file)}: cast ${file.split("/").at(-1)}`,
      detail: `${file}: wanted a real value, got a cast: ${text.slice(node.start, node.end).replace(/\s+/g, " ").slice(-60)}`,
    }));
  });

const roomOf = (file: string): string => file.split("/")[0]!;

const longFunctions = ({ file, text, program }: Source): readonly Violation[] =>
  nodesOf(program).flatMap((visited) => {
    const { node } = visited;
    if (!isFunction(node) || node.body === null) return [];
    const name = nameOf(visited, text);
    const [lines, parameters] = [linesOf(text, node), node.params.length];
    const at = `${file}:${text.slice(0, node.start).split("\n").length} ${name}`;
    return [
      ...(lines > FUNCTION_LINES
        ? [{ key: `${roomOf(file)}: function ${name}`, detail: `${at}: wanted ${FUNCTION_LINES} lines, got ${lines}` }]
        : []),
      ...(parameters > PARAMETERS
        ? [
            {
              key: `${roomOf(file)}: parameters ${name}`,
              detail: `${at}: wanted ${PARAMETERS} positional parameters, got ${parameters}`,
            },
          ]
        : []),
    ];
  });

const longFile = ({ file, text, program }: Source): readonly Violation[] => {
  const data = program.body
    .flatMap((statement) => {
      const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
      return declared?.type === "VariableDeclaration" ? declared.declarations : [];
    })
    .filter(({ init }) => init !== null && isData(init))
    .reduce((sum, declarator) => sum + linesOf(text, declarator), 0);
  const lines = text.trimEnd().split("\n").length - data;
  if (lines <= FILE_LINES) return [];
  return [
    {
      key: `${roomOf(file)}: file ${file.split("/").at(-1)}`,
      detail: `${file}: wanted ${FILE_LINES} lines of logic, got ${lines}`,
    },
  ];
};

/** Files that read `process.env`, or import it from `node:process`. */
const environment = ({ file, program }: Source): readonly Violation[] => {
  const reads = nodesOf(program).some(({ node }) => {
    if (node.type === "ImportDeclaration")
      return /^(node:)?process$/.test(node.source.value) && node.specifiers.some(({ local }) => local.name === "env");
    return (
      node.type === "MemberExpression" &&
      node.object.type === "Identifier" &&
      node.object.name === "process" &&
      (node.computed
        ? node.property.type === "Literal" && node.property.value === "env"
        : node.property.type === "Identifier" && node.property.name === "env")
    );
  });
  return reads ? [{ key: `${roomOf(file)}: environment ${file}`, detail: `${file}: reads process.env` }] : [];
};

/** Sets of files that import each other in a circle, types among them: one violation for each set. */
const importCycles = (sources: readonly Source[]): readonly Violation[] => {
  const known = new Map(sources.map(({ file, program }) => [file, importsOf(file, program)]));
  const reached = new Map([...known.keys()].map((file) => [file, reachedFrom(file, known)]));
  const circles = new Set(
    [...known.keys()]
      .filter((file) => reached.get(file)!.has(file))
      .map((file) =>
        [...reached.get(file)!]
          .filter((other) => reached.get(other)?.has(file))
          .sort()
          .join(" "),
      ),
  );
  return [...circles].map((files) => ({
    key: `${roomOf(files)}: cycle ${files}`,
    detail: `${files}: import each other`,
  }));
};

const importsOf = (file: string, program: Source["program"]): readonly string[] =>
  nodesOf(program).flatMap(({ node }) => {
    const from =
      node.type === "ImportDeclaration" ||
      node.type === "ExportNamedDeclaration" ||
      node.type === "ExportAllDeclaration" ||
      node.type === "ImportExpression"
        ? node.source
        : null;
    if (from?.type !== "Literal" || typeof from.value !== "string" || !from.value.startsWith(".")) return [];
    return [join(dirname(file), from.value)];
  });

const reachedFrom = (start: string, imports: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> => {
  const reached = new Set<string>();
  const open = [...(imports.get(start) ?? [])];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    open.push(...(imports.get(file) ?? []));
  }
  return reached;
};

const isFunction = (node: Node): node is FunctionNode | ArrowFunctionExpression =>
  node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression" || node.type === "FunctionDeclaration";

/** The name that a function is declared, assigned or listed under; of a callback, the call that it is given to. */
const nameOf = ({ node, above }: Visited, text: string): string => {
  if (isFunction(node) && node.id !== null) return node.id.name;
  const [parent, ...rest] = above;
  switch (parent?.type) {
    case "VariableDeclarator":
      return text.slice(parent.id.start, parent.id.end).split(/[:\s]/)[0]!;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      return text.slice(parent.key.start, parent.key.end);
    case "CallExpression":
    case "NewExpression":
      if (parent.callee === node) return nameOf({ node: parent, above: rest }, text);
      return `callback of ${text.slice(parent.callee.start, parent.callee.end).split(/\s/)[0]}`;
    case "ArrowFunctionExpression":
    case "ReturnStatement":
    case "BlockStatement":
    case "AwaitExpression":
      return `result of ${nameOf({ node: parent, above: rest }, text)}`;
    default:
      return parent === undefined ? "default" : nameOf({ node: parent, above: rest }, text);
  }
};

/** A constant table or text: literals, names and sets of them, with neither a function nor a call. */
const isData = (value: Expression): boolean => {
  switch (value.type) {
    case "Literal":
    case "Identifier":
    case "MemberExpression":
      return true;
    case "TemplateLiteral":
      return value.expressions.every(isData);
    case "UnaryExpression":
      return isData(value.argument);
    case "TSAsExpression":
    case "TSSatisfiesExpression":
      return isData(value.expression);
    case "ArrayExpression":
      return value.elements.every((element) => element !== null && isData(elementOf(element)));
    case "ObjectExpression":
      return value.properties.every((property) =>
        isData(property.type === "Property" ? property.value : property.argument),
      );
    case "NewExpression":
      return value.arguments.every((argument) => isData(elementOf(argument)));
    default:
      return false;
  }
};

const elementOf = (
  element: Expression | { readonly type: "SpreadElement"; readonly argument: Expression },
): Expression => (element.type === "SpreadElement" ? element.argument : element);
