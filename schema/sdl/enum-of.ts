type Described = { readonly [value: string]: { readonly en: string } };

/** An enum in SDL, its values described by their English names. */
export const enumOf = (name: string, description: string, values: Described): string => {
  const lines = Object.entries(values).map(
    ([value, { en }]) => `  "${en[0]?.toUpperCase()}${en.slice(1)}."\n  ${value}`,
  );
  return `"${description}"\nenum ${name} {\n${lines.join("\n")}\n}\n`;
};
