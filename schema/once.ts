/** A value that is made at the first call and kept. */
export const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** A function of a code that remembers its results, at most MOST_REMEMBERED of them; after that it begins anew. */
export const remember = <T>(make: (code: string) => T): ((code: string) => T) => {
  const made = new Map<string, T>();
  return (code) => {
    const before = made.get(code);
    if (before !== undefined) return before;
    const value = make(code);
    if (made.size >= MOST_REMEMBERED) made.clear();
    made.set(code, value);
    return value;
  };
};

/** More than all systems have codes together, so that nothing is forgotten in use. */
const MOST_REMEMBERED = 50_000;
