import { type Document, isMap, type LineCounter } from "yaml";
import { z } from "zod";
import { nearest } from "../../schema/question-error.ts";
import { variablesIn } from "./variables.ts";
import { type Issue, UNWORDED, worded } from "./wording.ts";

/**
 * Checks a value against a schema; the message of an `unrecognized_keys` issue lists the settings that there are.
 * @returns the value that the schema makes of it, or the issues
 */
export const checked = <T>(
  schema: z.ZodType<T>,
  value: unknown,
): { readonly data: T } | { readonly issues: readonly Issue[] } => {
  const result = schema.safeParse(value, { error: (issue) => settingsThere(issue) ?? UNWORDED, reportInput: true });
  return result.success ? { data: result.data } : { issues: worded(result.error.issues) };
};

const settingsThere = ({ code, inst }: z.core.$ZodRawIssue): string | undefined => {
  if (code !== "unrecognized_keys") return undefined;
  if (inst instanceof z.ZodObject) return Object.keys(inst.shape).join(", ");
  return inst instanceof z.ZodRecord ? [...(inst.keyType._zod.values ?? [])].join(", ") : undefined;
};

/**
 * Reports issues of a YAML document by line, field and what was wanted. `replaced`, default true: the values checked were those
 * after the variables were replaced, and an issue names the variables that its value comes from.
 */
export const faultsOf = (document: Document, lines: LineCounter) => {
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let depth = path.length; depth > 0; depth--) {
      const parent = document.getIn(path.slice(0, depth - 1), true);
      const pair = isMap(parent)
        ? parent.items.find((item) => String(item.key) === String(path[depth - 1]))
        : undefined;
      const node = (pair?.key ?? document.getIn(path.slice(0, depth), true)) as
        | { range?: [number, number, number] }
        | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  /** The environment variables that a value comes from. */
  const sourceOf = (path: readonly PropertyKey[]): string => {
    const raw = path
      .map((_, depth) => document.getIn(path.slice(0, depth + 1)))
      .find((node) => typeof node === "string");
    const names = raw === undefined ? [] : variablesIn(raw);
    return names.length === 0 ? "" : ` (from the environment variable ${names.join(", ")})`;
  };
  return (issues: readonly Issue[], { replaced = true } = {}): readonly string[] =>
    issues.flatMap((issue) => {
      const unknown = unknownSettings(issue);
      if (unknown.length === 0) {
        const field = issue.path.join(".") || "(the file)";
        return [`line ${lineOf(issue.path)}, ${field}: ${issue.message}${replaced ? sourceOf(issue.path) : ""}`];
      }
      return unknown.map(({ path, there }) => {
        const name = String(path.at(-1));
        const [near] = nearest(name, there);
        const remedy = near === undefined ? "Remove it." : `Remove it or write ${near}.`;
        return `line ${lineOf(path)}, ${path.join(".")}: unknown setting: wanted one of ${there.join(", ")}, got ${name}. ${remedy}`;
      });
    });
};

type UnknownSetting = { readonly path: readonly PropertyKey[]; readonly there: readonly string[] };

/** The settings that an issue calls unknown. Where a value has several forms: those that none of its forms knows. */
const unknownSettings = ({ code, path, keys = [], message, errors = [] }: Issue): readonly UnknownSetting[] => {
  if (code === "unrecognized_keys") return keys.map((key) => ({ path: [...path, key], there: message.split(", ") }));
  const forms = errors
    .map((issues) => issues.flatMap((issue) => unknownSettings({ ...issue, path: [...path, ...issue.path] })))
    .filter((found) => found.length > 0);
  const there = [...new Set(forms.flatMap((found) => found.flatMap((each) => each.there)))];
  const [first = []] = forms;
  return first
    .filter((each) => forms.every((found) => found.some((other) => other.path.join() === each.path.join())))
    .map(({ path: at }) => ({ path: at, there }));
};
