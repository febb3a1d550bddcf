import { createHash } from "node:crypto";
import { asObject, type JsonClient } from "../../net/http/json-client.ts";
import type { BankError } from "../../schema/bank-error.ts";
import { bankBroken } from "../kit/failures.ts";
import { serverWords, shown } from "../kit/server-words.ts";
import type { Release } from "../local.ts";
import type { ReleasePlace } from "./options.ts";

/** Reads the release that a place outside the GraphQL endpoint states. @throws {BankError} */
export const placedRelease = (
  bank: string,
  place: Exclude<ReleasePlace, { readonly by: "field" }>,
  client: Pick<JsonClient, "fetch">,
): ((signal: AbortSignal) => Promise<Release>) => {
  switch (place.by) {
    case "typed": {
      const release: Release = { id: `${bank}@${place.id}`, date: place.date, kind: "ANNOUNCED" };
      return async (signal) => {
        signal.throwIfAborted();
        return release;
      };
    }
    case "url":
      return async (signal) => statedIn(bank, await client.fetch(new URL(place.url), signal), place);
    case "engine":
      return (signal) => indexBehind(bank, place, client, signal);
  }
};

/** The release that a JSON object states. `id` and `date`: its members, or members of members as `data.version`. @throws {BankError} */
export const statedIn = (
  bank: string,
  stated: unknown,
  place: { readonly id: string; readonly date: string },
  within = "release",
): Release => {
  const broken = (name: string, wanted: string, got: string | undefined): BankError =>
    bankBroken(bank, `${within}.${name}: wanted ${wanted}, got ${got}`);
  const text = (path: string): string => {
    const value = path.split(".").reduce<unknown>((object, name) => asObject(object)?.[name], stated);
    if ((typeof value === "string" && value !== "") || typeof value === "number") return String(value);
    throw broken(path, "a text", shown(value));
  };
  const date = text(place.date).slice(0, 10);
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw broken(place.date, "a date", serverWords(date));
  return { id: `${bank}@${text(place.id)}`, date, kind: "ANNOUNCED" };
};

type EnginePlace = Extract<ReleasePlace, { readonly by: "engine" }>;

/**
 * The index behind an alias, as Elasticsearch and OpenSearch state it: its name, and a digest of its unique id and its number
 * of documents, so that an index of an old name or with new documents is another release.
 */
const indexBehind = async (
  bank: string,
  { engine, index }: EnginePlace,
  client: Pick<JsonClient, "fetch">,
  signal: AbortSignal,
): Promise<Release> => {
  const base = `${engine.replace(/\/+$/, "")}/${encodeURIComponent(index)}`;
  const settings = await client.fetch(new URL(`${base}/_settings`), signal);
  const counted = await client.fetch(new URL(`${base}/_count`), signal);
  const found = Object.entries(settings)
    .map(([name, one]) => ({ name, ...indexSettings(one) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (found.length === 0 || found.some(({ uuid }) => typeof uuid !== "string")) {
    throw bankBroken(bank, "release.index: wanted an index or an alias of one, got none");
  }
  if (Number(asObject(counted["_shards"])?.["failed"] ?? 0) > 0) {
    throw bankBroken(bank, "release.index: wanted every shard of the index, got fewer");
  }
  const digest = createHash("sha256")
    .update(JSON.stringify([found, counted["count"]]))
    .digest("hex");
  const created = Math.max(...found.map(({ creation_date: at }) => Number(at) || 0));
  const names = found.map(({ name }) => name).join("+");
  return {
    id: `${bank}@${names}.${digest.slice(0, 8)}`,
    date: new Date(created).toISOString().slice(0, 10),
    kind: "WATCHED",
  };
};

const indexSettings = (one: unknown): { readonly uuid: unknown; readonly creation_date: unknown } => {
  const { uuid, creation_date } = asObject(asObject(asObject(one)?.["settings"])?.["index"]) ?? {};
  return { uuid, creation_date };
};
