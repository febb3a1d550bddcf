/** Brackets that may stand inside one another in a document or its variables. GraphQL's own reader is recursive. */
const DEEPEST = 100;

/** Whether a document or its variables are nested too deep to be read. */
export const isTooDeep = (params: { readonly query?: string; readonly variables?: unknown }): boolean =>
  isDeepText(params.query ?? "") || isDeepValue(params.variables);

const isDeepText = (text: string): boolean => {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "{" || char === "[" || char === "(") depth += 1;
    else if (char === "}" || char === "]" || char === ")") depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
};

const isDeepValue = (value: unknown): boolean => {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return false;
};
