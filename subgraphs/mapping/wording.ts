import { nearest } from "../../schema/question-error.ts";

/** What a schema finds wrong, and where. `errors`: of a value with several forms, what each form finds wrong with it. */
export type Issue = {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
  readonly input?: unknown;
  readonly expected?: string;
  readonly values?: readonly unknown[];
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly options?: readonly unknown[];
};

/** Stands for a message that the schema does not word itself. */
export const UNWORDED = "\0";

/** The same issues, each with a message `wanted X, got Y`; one of a value with several forms becomes those of the form that was meant. */
export const worded = (issues: readonly Issue[], above: readonly PropertyKey[] = []): readonly Issue[] =>
  issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    if (issue.message !== UNWORDED) return [{ ...issue, path }];
    const meant = issue.code === "invalid_union" ? formMeant(issue) : undefined;
    if (meant !== undefined) return worded(meant, path);
    const wanted = wantedOf(issue);
    return [{ ...issue, path, message: `wanted ${wanted}, got ${gotOf(issue.input, path)}${remedyOf(issue)}` }];
  });

/** The only form of several that the value can have been meant as: all others are of another type. */
const formMeant = ({ errors = [] }: Issue): readonly Issue[] | undefined => {
  const fitting = errors.filter((form) => !form.some((issue) => issue.path.length === 0 && isOfType(issue)));
  return fitting.length === 1 ? fitting[0] : undefined;
};
const isOfType = ({ code, errors = [] }: Issue): boolean =>
  code === "invalid_type" ||
  code === "invalid_value" ||
  (code === "invalid_union" &&
    errors.every((form) => form.some((issue) => issue.path.length === 0 && isOfType(issue))));

/** What would be right. */
const wantedOf = ({
  code,
  expected = "",
  values = [],
  errors = [],
  origin,
  minimum,
  maximum,
  message,
}: Issue): string => {
  if (message !== UNWORDED) return message.replace(/^wanted /, "");
  if (code === "invalid_type") return TYPES[expected] ?? expected;
  if (code === "invalid_value") return values.length === 1 ? String(values[0]) : `one of ${values.join(", ")}`;
  if (code === "too_small")
    return origin === "string" ? "a text that is not empty" : `at least ${minimum}${unitOf(origin)}`;
  if (code === "too_big") return `at most ${maximum}${unitOf(origin)}`;
  if (code === "invalid_union")
    return [...new Set(errors.flatMap((form) => form.slice(0, 1).map(wantedOf)))].join(" or ");
  return "another value";
};

const TYPES: { readonly [type: string]: string } = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list of two",
  object: "settings (name: value)",
  record: "settings (name: value)",
};

const unitOf = (origin: string | undefined): string =>
  origin === "array" || origin === "tuple" ? " in the list" : origin === "record" || origin === "map" ? " setting" : "";

/** What stood there; of what may be secret, only its type. */
const gotOf = (input: unknown, path: readonly PropertyKey[]): string => {
  if (input === undefined || input === null) return "nothing";
  if (Array.isArray(input)) return input.length === 0 ? "an empty list" : "a list";
  if (typeof input === "object")
    return Object.keys(input).length === 0 ? "empty settings {}" : "settings (name: value)";
  if (path.some((part) => /auth|password|secret|token|key/i.test(String(part)))) return `a ${typeof input}`;
  return JSON.stringify(input).slice(0, 100);
};

const remedyOf = ({ code, expected, input, values = [] }: Issue): string => {
  if (input === undefined) return ". Add it.";
  if (code === "invalid_type" && expected === "string" && (typeof input === "number" || typeof input === "boolean"))
    return ". Put quotes around it.";
  const [near] =
    typeof input === "string"
      ? nearest(
          input,
          values.filter((value) => typeof value === "string"),
        )
      : [];
  return near === undefined ? "" : `. Did you mean ${near}?`;
};
