import type { Adapter, MappedCodes } from "../../adapters/adapter.ts";
import { sqon } from "../../adapters/sqon.ts";
import type { Document, Documents } from "../../sandbox/cancer/documents.ts";
import { type CatalogueOptions, catalogueServer } from "../../sandbox/cancer/server.ts";
import { FIELD_KEYS, isSampleField } from "../../schema/fields.ts";
import { serve } from "../loopback.ts";
import type { LocalDonor, LocalSample } from "./evaluate.ts";
import { MAPPING } from "./fixture.ts";
import { openAdapter, started } from "./kit-bank.ts";
import { type Reply, send } from "./scripted-beacon.ts";

const KEYS = Object.entries(FIELD_KEYS).filter(([key]) => key !== "centre");
const OF_DONORS = KEYS.filter(([, field]) => !isSampleField(field));
const OF_SAMPLES = KEYS.filter(([, field]) => isSampleField(field));

/** The options that fit the documents below. */
export const OPTIONS = {
  kind: "sqon",
  donors: { index: "donor", samples: "samples", fields: Object.fromEntries(KEYS.map(([key]) => [key, key])) },
  samples: {
    index: "sample",
    fields: Object.fromEntries(KEYS.map(([key, field]) => [key, isSampleField(field) ? key : `donor.${key}`])),
  },
} as const;

/** Lays donors in local codes out as a catalogue's documents. */
export const documentsOf = (donors: readonly LocalDonor[]): readonly Documents[] => {
  const typed = (keys: typeof KEYS, below = "") =>
    Object.fromEntries(
      keys.map(([key]) => [below + key, key === "age" || key === "year" ? ("integer" as const) : ("keyword" as const)]),
    );
  const ofDonor = ({ values }: LocalDonor): Document =>
    Object.fromEntries(OF_DONORS.map(([key, field]) => [key, values[field] ?? []]));
  const ofSample = ({ values, age, year }: LocalSample): Document => ({
    ...Object.fromEntries(OF_SAMPLES.map(([key, field]) => [key, values[field]?.[0] ?? null])),
    age,
    year,
  });
  return [
    {
      name: "donor",
      nested: "samples",
      fields: { ...typed(OF_DONORS), ...typed(OF_SAMPLES, "samples.") },
      documents: donors.map((donor) => ({ ...ofDonor(donor), samples: donor.samples.map(ofSample) })),
    },
    {
      name: "sample",
      fields: { ...typed(OF_SAMPLES), ...typed(OF_DONORS, "donor.") },
      documents: donors.flatMap((donor) =>
        donor.samples.map((sample) => ({ ...ofSample(sample), donor: ofDonor(donor) })),
      ),
    },
  ];
};

/** Starts the sandbox's catalogue. */
export const startCatalogue = (donors: readonly LocalDonor[], options: CatalogueOptions = {}) =>
  started(catalogueServer(documentsOf(donors), { maxAliases: 1000, ...options }));

/**
 * A catalogue that answers as the sandbox's does until `script` is called, and from then on with replies that the test
 * decides: each request takes the next one, the last one over and over.
 */
export const scriptedCatalogue = async (donors: readonly LocalDonor[]) => {
  const { url: real } = await startCatalogue(donors);
  const received: unknown[] = [];
  let queue: Reply[] | undefined;
  const { url } = await serve(async (_, text, response) => {
    if (queue !== undefined) {
      received.push(JSON.parse(text));
      send((queue.length > 1 ? queue.shift() : queue[0]) ?? "silent", response);
      return;
    }
    const answer = await fetch(real, { method: "POST", headers: { "content-type": "application/json" }, body: text });
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  });
  const script = (replies: readonly Reply[]): void => {
    queue = [...replies];
  };
  return { url: `${url}/graphql`, received, script };
};

/** Opens an adapter on a URL. */
export const openSqon = (url: string, options: object = {}, mapping: MappedCodes = MAPPING): Promise<Adapter> =>
  openAdapter({ kind: sqon, options: { ...OPTIONS, url, ...options }, mapping });
