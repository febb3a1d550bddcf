/**
 * A raw count, or what was computed of raw counts. Nothing can be read from it: it compares with no number, and as text, as
 * JSON and in a log it shows nothing. Raw counts come in at the counter, stay raw in every computation, and leave through
 * the disclose room alone.
 */
export class Raw<T> {
  readonly #value: T;

  private constructor(value: T) {
    this.#value = value;
  }

  /** Computes with raw counts, which `open` gives the computation; the result is raw again. */
  static compute<T>(computation: (open: <V>(raw: Raw<V>) => V) => T): Raw<T> {
    return new Raw(computation((raw) => raw.#value));
  }

  /** The value itself. For the disclose room only, which a test of the architecture sees to. */
  static reveal<T>(raw: Raw<T>): T {
    return raw.#value;
  }
}
