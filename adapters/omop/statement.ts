/** One SQL statement and the values of its $1, $2 ... */
export type Statement = { readonly sql: string; readonly values: readonly SqlValue[] };

export type SqlValue = number | string | readonly (number | string)[];

/** The types that a bound value is cast to. */
export type SqlType = "int" | "int[]" | "float8" | "float8[]" | "text" | "text[]" | "date";

/** Gives the `$n::type` that stands for a value: no value is ever part of the text of a statement. */
export type Bind = (value: SqlValue, type: SqlType) => string;

/** Collects the values of one statement; equal ones share a place. */
export const binder = (): { readonly bind: Bind; statement(sql: string): Statement } => {
  const values: SqlValue[] = [];
  const places = new Map<string, string>();
  return {
    bind(value, type) {
      const key = `${type} ${JSON.stringify(value)}`;
      const place = places.get(key) ?? `$${values.push(value)}::${type}`;
      places.set(key, place);
      return place;
    },
    /** The database refuses values that no part of the text uses: only those that it does are sent. */
    statement(sql) {
      const used = [...new Set([...sql.matchAll(/\$(\d+)/g)].map(([, place]) => Number(place)))];
      return {
        sql: sql.replace(/\$(\d+)/g, (_, place: string) => `$${used.indexOf(Number(place)) + 1}`),
        values: used.map((place) => values[place - 1] ?? ""),
      };
    },
  };
};
