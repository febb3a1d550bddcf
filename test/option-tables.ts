import { stringify } from "yaml";
import { z } from "zod";
import { ADAPTERS } from "../adapters/index.ts";
import { bankYaml } from "../subgraphs/mapping/bank-yaml.ts";

/** One option of bank.yaml as the docs show it. `default` is empty for one that may be left out and has none. */
export type OptionRow = {
  readonly path: string;
  readonly type: string;
  readonly unit: string;
  readonly default: string;
  readonly example: string;
  readonly meaning: string;
};

/** What a schema says of an option by `.meta()`. */
type Said = {
  readonly description?: string;
  readonly unit?: string;
  readonly example?: unknown;
  /** The type in words, where the schema's own would say too little or too much. */
  readonly type?: string;
  /** The default in words, where several options make it together. */
  readonly default?: string;
  /** The schemas of a value whose form is chosen by code. */
  readonly forms?: readonly z.ZodType[];
};

/** The pages with a generated table, and the options of each. */
export const OPTION_PAGES: readonly { readonly page: string; readonly rows: () => readonly OptionRow[] }[] = [
  ...Object.entries(ADAPTERS).map(([kind, { options }]) => ({
    page: `docs/banks/${kind}.md`,
    rows: () => optionRows(options as z.ZodType),
  })),
  { page: "docs/banks/mapping.md", rows: () => optionRows(bankYaml) },
];

/** Every option below a schema, in its order. Options of one and the same shape are listed once, and later point there. */
export const optionRows = (schema: z.ZodType): readonly OptionRow[] => {
  const rows = new Map<string, OptionRow>();
  for (const row of rowsBelow(schema, "", new Map())) {
    const before = rows.get(row.path);
    rows.set(row.path, before === undefined ? row : together(before, row));
  }
  return [...rows.values()];
};

/** One row for an option that several forms of a setting have. */
const together = (one: OptionRow, other: OptionRow): OptionRow => {
  const both = (key: "type" | "meaning", between: string): string => {
    if (one[key].includes(other[key])) return one[key];
    return other[key].includes(one[key]) ? other[key] : `${one[key]}${between}${other[key]}`;
  };
  return { ...one, type: both("type", ", "), meaning: both("meaning", " ") };
};

const rowsBelow = (schema: z.ZodType, path: string, listed: Map<object, string>): readonly OptionRow[] =>
  formsOf(schema).flatMap((form) => {
    const inner = unwrapped(form);
    if (inner instanceof z.ZodObject) {
      return Object.entries(inner.shape as { readonly [key: string]: z.ZodType }).flatMap(([key, option]) =>
        rowsOf(option, path === "" ? key : `${path}.${key}`, listed),
      );
    }
    if (inner instanceof z.ZodArray) return rowsBelow(inner.element as z.ZodType, `${path}[]`, listed);
    if (inner instanceof z.ZodRecord) return rowsBelow(inner.valueType as z.ZodType, `${path}.<name>`, listed);
    return [];
  });

const rowsOf = (option: z.ZodType, path: string, listed: Map<object, string>): readonly OptionRow[] => {
  const said = saidOf(option);
  const shape = unwrapped(option).def;
  const before = listed.get(shape);
  const below = before === undefined ? rowsBelow(option, path, listed) : [];
  if (below.length > 0) listed.set(shape, path);
  const type = said.type ?? (before === undefined ? typeOf(option) : `as \`${before}\``);
  return [
    {
      path,
      type,
      unit: said.unit ?? "",
      default: said.default ?? defaultOf(option),
      example: exampleOf(option, said),
      meaning: said.description ?? "",
    },
    ...below,
  ];
};

/** What the schema says of itself, the outermost word of each kind first. */
const saidOf = (schema: z.ZodType): Said => {
  const layers: Said[] = [];
  let layer: z.ZodType | undefined = schema;
  for (; layer !== undefined; layer = innerOf(layer)) layers.push((layer.meta() ?? {}) as Said);
  return Object.assign({}, ...layers.toReversed());
};

/** The schema below one layer of defaults, transformations and the like; undefined: there is none. */
const innerOf = (schema: z.ZodType): z.ZodType | undefined => {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly
  ) {
    return schema.def.innerType as z.ZodType;
  }
  return schema instanceof z.ZodPipe ? (schema.def.in as z.ZodType) : undefined;
};

const unwrapped = (schema: z.ZodType): z.ZodType => {
  const inner = innerOf(schema);
  return inner === undefined ? schema : unwrapped(inner);
};

/** The forms that a value may have. */
const formsOf = (schema: z.ZodType): readonly z.ZodType[] => {
  const { forms } = saidOf(schema);
  if (forms !== undefined) return forms.flatMap(formsOf);
  const inner = unwrapped(schema);
  return inner instanceof z.ZodUnion ? (inner.options as readonly z.ZodType[]).flatMap(formsOf) : [schema];
};

const typeOf = (schema: z.ZodType): string =>
  [...new Set(formsOf(schema).map((form) => saidOf(form).type ?? plainType(unwrapped(form))))].join(" or ");

const plainType = (schema: z.ZodType): string => {
  if (schema instanceof z.ZodURL) return "URL";
  if (schema instanceof z.ZodEmail) return "e-mail address";
  if (schema instanceof z.ZodString) return "text";
  if (schema instanceof z.ZodNumber) return numberType(schema);
  if (schema instanceof z.ZodBoolean) return "true or false";
  if (schema instanceof z.ZodEnum) return schema.options.map((word) => `\`${word}\``).join(", ");
  if (schema instanceof z.ZodLiteral) return [...schema.values].map((word) => `\`${word}\``).join(", ");
  if (schema instanceof z.ZodArray) return `list of ${typeOf(schema.element as z.ZodType)}`;
  if (schema instanceof z.ZodTuple) return `[${(schema.def.items as z.ZodType[]).map(typeOf).join(", ")}]`;
  if (schema instanceof z.ZodRecord) return `names, each with ${typeOf(schema.valueType as z.ZodType)}`;
  if (schema instanceof z.ZodObject) return "settings";
  throw new Error(`wanted a schema that the docs have a word for, got ${schema.def.type}`);
};

const numberType = (schema: z.ZodNumber): string => {
  const [least, most] = [schema.minValue, schema.maxValue];
  const name = schema.format === "safeint" ? "whole number" : "number";
  const hasEnd = (end: number | null) => end !== null && Math.abs(end) < Number.MAX_SAFE_INTEGER;
  if (hasEnd(least) && hasEnd(most)) return `${name} from ${least} to ${most}`;
  return hasEnd(least) ? `${name} from ${least}` : name;
};

const defaultOf = (schema: z.ZodType): string => {
  for (let layer: z.ZodType | undefined = schema; layer !== undefined; layer = innerOf(layer)) {
    if (layer instanceof z.ZodDefault || layer instanceof z.ZodPrefault) {
      const value: unknown = layer.def.defaultValue;
      const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
      return isEmpty ? "" : `\`${JSON.stringify(value).replaceAll('"', "")}\``;
    }
    if (layer instanceof z.ZodOptional) return "";
  }
  return "required";
};

const exampleOf = (option: z.ZodType, { example }: Said): string => {
  if (example !== undefined) return inYaml(example);
  const [shape] = formsOf(option).map(unwrapped);
  if (shape instanceof z.ZodEnum) return String(shape.options.at(-1));
  if (shape instanceof z.ZodLiteral) return String([...shape.values][0]);
  return shape instanceof z.ZodBoolean ? "true" : "";
};

/** A value as it is written on one line of a bank.yaml. */
const inYaml = (value: unknown): string =>
  stringify(value, { collectionStyle: "flow", lineWidth: 0, defaultKeyType: "PLAIN" }).trimEnd();

const HEAD = ["option", "type", "unit", "default", "example", "meaning"] as const;
const [BEGIN, END] = ["<!-- options: begin (npm run docs) -->", "<!-- options: end -->"];

/** The text of a page with its block of options made anew. @throws {Error} for a page without the marks of the block */
export const withOptions = (page: string, rows: readonly OptionRow[]): string => {
  const [before, rest = ""] = page.split(BEGIN);
  const [, after] = rest.split(END);
  if (before === undefined || after === undefined) throw new Error(`wanted ${BEGIN} and ${END} in the page, got none`);
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const table = [
    line(HEAD),
    line(HEAD.map(() => "---")),
    ...rows.map((row) =>
      line([
        `\`${row.path}\``,
        row.type,
        row.unit,
        row.default,
        row.example === "" ? "" : `\`${row.example}\``,
        row.meaning,
      ]),
    ),
  ];
  return `${before}${BEGIN}\n${table.join("\n")}\n${END}${after}`;
};
