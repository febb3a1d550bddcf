import { type Bits, eachBit, hasBit, noBits, setBit, sizeOf } from "../bits.ts";
import type { Document, Documents } from "./documents.ts";
import { type Table, tableOf } from "./table.ts";

/** Documents laid out for counting: a table of them, and one of the objects nested in them. */
export type SearchIndex = {
  readonly name: string;
  readonly fields: Documents["fields"];
  readonly documents: Table;
  readonly nested: Nested | null;
};

/** The nested objects of all documents. */
export type Nested = {
  readonly path: string;
  readonly objects: Table;
  /** The documents that hold any of these objects. */
  readonly holders: (objects: Bits) => Bits;
  /** The objects that these documents hold. */
  readonly held: (documents: Bits) => Bits;
};

/** Whether a field lies in a nested object. */
export const isWithin = (path: string, field: string): boolean => field.startsWith(`${path}.`);

/** Indexes documents; a count over 60,000 of them takes well below a millisecond. */
export const searchIndex = ({ name, fields, nested, documents }: Documents): SearchIndex => {
  const all = [...documents];
  const part = (keep: (field: string) => boolean): Documents["fields"] =>
    Object.fromEntries(Object.entries(fields).filter(([field]) => keep(field)));
  const isNested = (field: string): boolean => nested !== undefined && isWithin(nested, field);
  return {
    name,
    fields,
    documents: tableOf(
      all,
      part((field) => !isNested(field)),
      valueAt,
    ),
    nested: nested === undefined ? null : nestedOf(all, nested, part(isNested)),
  };
};

/** How many documents a set holds. */
export const countOf = (bits: Bits): number => sizeOf(bits);

const nestedOf = (documents: readonly Document[], path: string, fields: Documents["fields"]): Nested => {
  const at = valueAt(path);
  const rows = documents.flatMap((document, owner) =>
    ((at(document) ?? []) as readonly Document[]).map((object) => ({ owner, object })),
  );
  return {
    path,
    objects: tableOf(rows, fields, (field) => {
      const read = valueAt(field.slice(path.length + 1));
      return ({ object }) => read(object);
    }),
    holders: (objects) => {
      const bits = noBits(documents.length);
      eachBit(objects, (row) => setBit(bits, rows[row]!.owner));
      return bits;
    },
    held: (holders) => {
      const bits = noBits(rows.length);
      rows.forEach(({ owner }, row) => {
        if (hasBit(holders, owner)) setBit(bits, row);
      });
      return bits;
    },
  };
};

const valueAt = (path: string): ((document: Document) => unknown) => {
  const names = path.split(".");
  return (document) => {
    let value: unknown = document;
    for (const name of names) value = (value as Document | null | undefined)?.[name];
    return value;
  };
};
