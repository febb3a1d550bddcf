/** One SQL statement and the values of its $1, $2 ... */
export type Statement = { readonly sql: string; readonly values: readonly (number | string)[] };

/** A list is bound as the text of a PostgreSQL array, which is made once for each list. */
export type SqlValue = number | string | readonly (number | string)[];

/** The types that a bound value is cast to. */
export type SqlType = "int" | "int[]" | "float8" | "float8[]" | "text" | "text[]" | "date";

/** Gives the `$n::type` that stands for a value: no value is ever part of the text of a statement. */
export type Bind = (value: SqlValue, type: SqlType) => string;

/** Collects the values of one statement; equal ones share a place. */
export const binder = (): { readonly bind: Bind; statement(sql: string): Statement } => {
  const values: (number | string)[] = [];
  const places = new Map<string, string>();
  return {
    bind(value, type) {
      const bound = typeof value === "object" ? arrayText(value) : value;
      const key = `${type} ${bound}`;
      const place = places.get(key) ?? `$${values.push(bound)}::${type}`;
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

/** The text of a PostgreSQL array. The driver would join it anew for each statement, element by element. */
const arrayText = (list: readonly (number | string)[]): string => {
  const known = texts.get(list);
  if (known !== undefined) return known;
  const text = `{${list.map((each) => (typeof each === "number" ? each : quoted(each))).join()}}`;
  texts.set(list, text);
  return text;
};
const texts = new WeakMap<readonly (number | string)[], string>();
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;
