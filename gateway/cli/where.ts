import { UsageError, wanted } from "./usage-error.ts";

/** A `Where` of the public contract. The gateway checks it. */
export type Where = { readonly [key: string]: unknown };
/** One option with its value, in the order of the command line; `value` is empty where the option takes none. */
export type Given = { readonly name: string; readonly value: string };

/**
 * The `where` that a line of criteria means. All criteria must hold; values joined by commas are alternatives; `--not`
 * negates the next criterion; `--any` makes alternatives of those that follow, up to the next `--any` or `--all`.
 * @throws {UsageError}
 */
export const whereOf = (line: readonly Given[]): Where => {
  const conditions = Object.assign({}, ...line.map(conditionOf)) as Where;
  const descendants = line.some(({ name }) => name === "no-descendants") ? { descendants: false } : {};
  const parts = criteriaOf(line, (given) => criterionOf(given, conditions, descendants));
  const own = Object.keys(conditions).length > 0 && !line.some(({ name }) => name === "sample");
  const all = own ? [...parts, { sample: conditions }] : parts;
  return all.length === 1 ? all[0]! : all.length === 0 ? {} : { all };
};

/** The criteria of a line. All must hold; an `--any` group is one of them. */
const criteriaOf = (line: readonly Given[], read: (given: Given) => Where | undefined): readonly Where[] => {
  const all: Where[] = [];
  let any: { readonly negated: boolean; readonly of: Where[] } | undefined;
  let negated = false;
  const close = (): void => {
    if (any === undefined) return;
    if (any.of.length === 0) throw wanted("criteria after --any", "none");
    all.push(negatedIf(any.of.length === 1 ? any.of[0]! : { any: any.of }, any.negated));
    any = undefined;
  };
  for (const given of line) {
    const { name } = given;
    const criterion = read(given);
    if (criterion !== undefined) {
      (any?.of ?? all).push(negatedIf(criterion, negated));
      negated = false;
    } else if (name === "any") {
      close();
      any = { negated, of: [] };
      negated = false;
    } else if (negated) throw wanted("a criterion after --not", `--${name}`);
    else if (name === "not") negated = true;
    else if (name === "all") close();
  }
  if (negated) throw wanted("a criterion after --not", "none");
  close();
  return all;
};

const negatedIf = (where: Where, negated: boolean): Where => (negated ? { not: where } : where);

/** The criterion that one option stands for; undefined for every other option. */
const criterionOf = ({ name, value }: Given, conditions: Where, descendants: Where): Where | undefined => {
  switch (name) {
    case "disease":
      return { disease: { codes: list(name, value), ...descendants } };
    case "sex":
    case "cohort":
    case "family":
    case "data":
    case "use":
      return { [name]: list(name, value).map(enumName) };
    case "programme":
      return {
        programme: list(name, value).map((code) => (code.includes(":") ? code : `PROGRAMME:${enumName(code)}`)),
      };
    case "centre":
      return { centre: list(name, value) };
    case "sample":
      return { sample: sampleOf(value, conditions) };
    case "where":
      return raw(value);
    default:
      return undefined;
  }
};

/** `PLASMA,SERUM:age=40-59:origin=TUMOUR`. The sample's own conditions override those of the whole line. */
const sampleOf = (value: string, conditions: Where): Where => {
  const [head, ...rest] = value.split(":");
  const bare = head!.includes("=");
  const types = bare || head === "" ? [] : list("sample", head!).map(enumName);
  const own = (bare ? [head!, ...rest] : rest).map((part) => {
    const [, name, of] = /^([^=]*)=(.*)$/.exec(part) ?? [];
    const condition = name === undefined ? {} : conditionOf({ name, value: of! });
    if (Object.keys(condition).length > 0) return condition;
    throw wanted("age=, year=, origin= or storage= after the colon of --sample", `"${part}"`);
  });
  const anyType = types.length === 0 || (types.length === 1 && types[0] === "ANY");
  return Object.assign(anyType ? {} : { type: types }, conditions, ...own) as Where;
};

/** The condition on a sample that one option, or one part of `--sample`, stands for; empty for every other option. */
const conditionOf = ({ name, value }: Given): Where => {
  switch (name) {
    case "age":
      return { ageAtCollection: range(name, value) };
    case "year":
      return { collectedYear: range(name, value) };
    case "origin":
    case "storage":
      return { [name]: list(name, value).map(enumName) };
    default:
      return {};
  }
};

/** A range of whole numbers, both ends inclusive: `40-59`, `40-`, `-59`, `40`. */
const range = (name: string, value: string): Where => {
  const [, from, dash, to] = /^(\d*)(-?)(\d*)$/.exec(value.replace("–", "-")) ?? [];
  if (from === undefined || from + to! === "")
    throw wanted(`a range such as 40-59, 40- or -59 for ${name}`, `"${value}"`);
  const upper = dash === "" ? from : to!;
  return { ...(from === "" ? {} : { from: Number(from) }), ...(upper === "" ? {} : { to: Number(upper) }) };
};

/** The values of one option, which commas separate. @throws {UsageError} an empty one among them */
export const list = (name: string, value: string): readonly string[] => {
  const values = value.split(",").map((one) => one.trim());
  if (values.includes("")) throw wanted(`values joined by single commas after --${name}`, `"${value}"`);
  return values;
};

/** The enum name that people type as `female` or `minus-80`. */
export const enumName = (value: string): string => value.toUpperCase().replaceAll("-", "_");

const raw = (value: string): Where => {
  try {
    const where: unknown = JSON.parse(value);
    if (typeof where === "object" && where !== null && !Array.isArray(where)) return where as Where;
  } catch (error) {
    throw new UsageError(`wanted a Where in JSON after --where: ${(error as Error).message}.`);
  }
  throw wanted("a Where in JSON after --where", `"${value}"`);
};
