/** Environment variables by name. */
export type Environment = { readonly [name: string]: string | undefined };
type Missing = { readonly path: readonly PropertyKey[]; readonly message: string };

/** `${NAME}` and `${NAME:-default}`. */
const REFERENCE = /\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g;
/** A secret that stands in the environment. */
const SECRET = /\benv:([A-Za-z_][A-Za-z0-9_]*)/g;

/** Names of the environment variables that a bank.yaml, or a text in it, refers to: `${NAME}`, `${NAME:-default}`, `env:NAME`. */
export const variablesIn = (text: string): readonly string[] =>
  [REFERENCE, SECRET].flatMap((form) => [...text.matchAll(form)].map(([, name]) => name!));

/** The beginnings of references in a text that none of the forms fits, such as `${name}`. */
export const brokenReferences = (text: string): readonly string[] =>
  text.replace(REFERENCE, "").match(/\$\{[^}]{0,40}\}?/g) ?? [];

/** The content of a bank.yaml with its references replaced, and an issue for each variable that has neither a value nor a default. */
export const withVariables = (
  content: unknown,
  env: Environment,
): { readonly content: unknown; readonly missing: readonly Missing[] } => {
  const missing: Missing[] = [];
  const replaced = (value: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof value === "string") {
      return value.replace(REFERENCE, (_, name: string, otherwise: string | undefined) => {
        const found = env[name] || otherwise;
        if (found === undefined) missing.push({ path, message: "wanted a value, got none" });
        return found ?? "";
      });
    }
    if (Array.isArray(value)) return value.map((item, index) => replaced(item, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, [...path, key])]));
  };
  return { content: replaced(content, []), missing };
};
