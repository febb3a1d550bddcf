/** A text in both languages of the federation. */
export type Text = { readonly en: string; readonly ja: string };

/** A text, and the language for which its source has none: there the other one stands in. */
export type Label = Text & { readonly missing?: "EN" | "JA" };

/** The label of something with an English name and, unless null or empty, a Japanese one. */
export const labelOf = (en: string, ja: string | null | undefined): Label =>
  ja ? { en, ja } : { en, ja: en, missing: "JA" };

/** A text in both languages. */
export const text = (en: string, ja: string): Text => ({ en, ja });

/** A value of a field, and its name. */
export type Value = { readonly value: string; readonly label: Text };
