/**
 * Makes something of two objects that never change once, and keeps it as long as both of them live: what an adapter writes of a
 * breakdown, which is the same object for every question that asks for it.
 */
export const oncePer = <A extends object, B extends object, T>(make: (a: A, b: B) => T): ((a: A, b: B) => T) => {
  const kept = new WeakMap<A, WeakMap<B, { readonly made: T }>>();
  return (a, b) => {
    const ofA = kept.get(a) ?? new WeakMap<B, { readonly made: T }>();
    kept.set(a, ofA);
    const known = ofA.get(b) ?? { made: make(a, b) };
    ofA.set(b, known);
    return known.made;
  };
};
