import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BeaconData } from "./columns.ts";
import type { Term } from "./terms.ts";

/** Raised when the layout of the file changes. */
export const FORMAT = 1;

const FILE = "columns.bin";

/** What stands as JSON in front of the bytes: the arrays in their order, with everything that is no array. */
type Header = {
  readonly individuals: number;
  readonly biosamples: number;
  readonly parents: readonly (readonly [string, string])[];
  readonly terms: readonly Term[];
  readonly individualTerms: readonly Length[];
  readonly biosampleTerms: readonly Length[];
  readonly numbers: readonly string[];
};
type Length = readonly [id: string, length: number];

/** Keeps a beacon's data in one file: the header's length, the header, then all arrays one after the other. */
export const saveBeacon = async (folder: string, { columns, terms }: BeaconData): Promise<void> => {
  const { owner, terms: sampleTerms, numbers } = columns.biosamples;
  const lengths = (lists: ReadonlyMap<string, Uint32Array>): Length[] =>
    [...lists].map(([id, { length }]) => [id, length]);
  const header: Header = {
    individuals: columns.individuals,
    biosamples: owner.length,
    parents: [...columns.parents],
    terms,
    individualTerms: lengths(columns.terms),
    biosampleTerms: lengths(sampleTerms),
    numbers: [...numbers.keys()],
  };
  const text = Buffer.from(JSON.stringify(header));
  // Padded with spaces so that the arrays begin on a multiple of four.
  const front = Buffer.alloc(4 + text.length + (-text.length & 3), " ");
  front.writeUInt32LE(front.length - 4, 0);
  text.copy(front, 4);
  const arrays = [owner, ...columns.terms.values(), ...sampleTerms.values(), ...numbers.values()];
  const bytes = arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  await writeFile(join(folder, FILE), Buffer.concat([front, ...bytes]));
};

/** Reads back what saveBeacon wrote. */
export const loadBeacon = async (folder: string): Promise<BeaconData> => {
  const { buffer, byteOffset, byteLength } = await readFile(join(folder, FILE));
  const memory = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  const front = 4 + new DataView(memory).getUint32(0, true);
  const header: Header = JSON.parse(Buffer.from(memory, 4, front - 4).toString());
  let at = front;
  const next = (length: number): Uint32Array => {
    const array = new Uint32Array(memory, at, length);
    at += array.byteLength;
    return array;
  };
  const lists = (lengths: readonly Length[]) => new Map(lengths.map(([id, length]) => [id, next(length)]));
  const owner = next(header.biosamples);
  const individualTerms = lists(header.individualTerms);
  const biosampleTerms = lists(header.biosampleTerms);
  const numbers = new Map(
    header.numbers.map((id) => {
      const array = new Int16Array(memory, at, header.biosamples);
      at += array.byteLength;
      return [id, array];
    }),
  );
  return {
    columns: {
      individuals: header.individuals,
      terms: individualTerms,
      parents: new Map(header.parents),
      biosamples: { owner, terms: biosampleTerms, numbers },
    },
    terms: header.terms,
  };
};
