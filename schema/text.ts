/** A text in both languages of the federation. */
export type Text = { readonly en: string; readonly ja: string };

export const text = (en: string, ja: string): Text => ({ en, ja });

/** A value of a field, and its name. */
export type Value = { readonly value: string; readonly label: Text };
