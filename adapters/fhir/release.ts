import { createHash } from "node:crypto";
import { asObject, type JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { bankBroken } from "../kit/failures.ts";
import type { Release } from "../local.ts";
import { asObjects, type FhirClient } from "./http.ts";
import type { FhirOptions } from "./options.ts";

/**
 * The release that a server holds: `<bank>@<version>` of the configured resource, ANNOUNCED; of a resource without a version
 * by its version in the server, WATCHED; else by what the server says of its software and installation, how many
 * resources of each type it holds and when the newest of them was changed, WATCHED. @throws {BankError} from each of its functions
 */
export const fhirRelease = (bank: string, options: FhirOptions, client: FhirClient) => {
  const { release } = options;
  const path = release === "metadata" ? METADATA : release.resource;
  const broken = (detail: string): BankError => bankBroken(bank, detail);
  const requireR4 = ({ fhirVersion }: JsonObject): void => {
    if (typeof fhirVersion === "string" && fhirVersion.startsWith("4.")) return;
    throw broken(`metadata: wanted FHIR R4 (4.0.1), got ${String(fhirVersion).slice(0, 64)}`);
  };
  const ofServer = ({ software, implementation, version, date }: JsonObject, data: readonly Seen[]): Release => {
    const seen = createHash("sha256")
      .update(JSON.stringify([software, implementation, version, data]))
      .digest("hex");
    const newest = data.flatMap(({ updated }) => updated ?? []).sort();
    const day = dayOf(newest.at(-1), asObject(software)?.["releaseDate"], date);
    return { id: `${bank}@${seen.slice(0, 16)}`, date: day, kind: "WATCHED" };
  };
  const ofResource = ({ version, date, meta }: JsonObject): Release => {
    const { versionId, lastUpdated } = asObject(meta) ?? {};
    const day = dayOf(date, lastUpdated);
    if (typeof version === "string" && version !== "")
      return { id: `${bank}@${version}`, date: day, kind: "ANNOUNCED" };
    const seen = [versionId, lastUpdated, date].find((one) => typeof one === "string" && one !== "");
    if (seen === undefined) throw broken(`${path}: wanted a version or a date, got neither`);
    return { id: `${bank}@${String(seen)}`, date: day, kind: "WATCHED" };
  };
  const parse = (found: JsonObject, data: readonly Seen[] = []): Release => {
    const wanted = release === "metadata" ? "CapabilityStatement" : path.replace(/\/.*/, "");
    if (found["resourceType"] !== wanted) {
      throw broken(`${path}: wanted a ${wanted}, got a ${String(found["resourceType"]).slice(0, 64)}`);
    }
    if (release !== "metadata") return ofResource(found);
    requireR4(found);
    return ofServer(found, data);
  };
  return {
    /** Where the resource that states the release is, below the base. */
    path,
    /** The release that the resource states. */
    parse,
    async read(signal: AbortSignal): Promise<Release> {
      if (release !== "metadata") return parse(await client.fetch(path, signal));
      const types = ["Patient", options.diseases?.resource, options.samples?.resource];
      const [found, ...data] = await Promise.all([
        client.fetch(path, signal),
        ...types.flatMap((type) => (type === undefined ? [] : [seenOf(client, type, signal)])),
      ]);
      return parse(found, data);
    },
    /**
     * Refuses a server whose CapabilityStatement names another FHIR than R4. One without is taken by what it answers later.
     * Gives the name and version of its software, and its version of FHIR; undefined where it does not tell.
     */
    async checkVersion(signal: AbortSignal): Promise<readonly string[] | undefined> {
      const found = await client.fetch(METADATA, signal).catch((error: unknown) => {
        if (error instanceof BankError && error.code === "BANK_UNSUPPORTED") return {} as JsonObject;
        throw error;
      });
      if (found["resourceType"] !== "CapabilityStatement") return undefined;
      requireR4(found);
      const { name, version } = asObject(found["software"]) ?? {};
      return typeof version === "string" ? [String(name), version, String(found["fhirVersion"])] : undefined;
    },
  };
};

/** How many resources of a type there are, and when one of them changed last; absent where the server does not tell. */
type Seen = { readonly total?: number; readonly updated?: string };

/** A description of the server without its thousands of search parameters. */
const METADATA = "metadata?_elements=fhirVersion,software,implementation,version,date";

const seenOf = async (client: FhirClient, type: string, signal: AbortSignal): Promise<Seen> => {
  const read = (query: string): Promise<JsonObject> =>
    client.fetch(`${type}?${query}`, signal).catch((error: unknown) => {
      if (error instanceof BankError && error.code === "BANK_UNSUPPORTED") return {} as JsonObject;
      throw error;
    });
  const [counted, newest] = await Promise.all([
    read("_summary=count"),
    read("_sort=-_lastUpdated&_count=1&_elements=id,meta"),
  ]);
  const [first] = asObjects(newest["entry"]).map(({ resource }) => asObject(asObject(resource)?.["meta"]));
  const [total, updated] = [counted["total"], first?.["lastUpdated"]];
  return {
    ...(typeof total === "number" ? { total } : {}),
    ...(typeof updated === "string" ? { updated } : {}),
  };
};

const dayOf = (...dates: readonly unknown[]): string => {
  const day = dates.find((date) => typeof date === "string" && /^\d{4}-\d\d-\d\d/.test(date));
  return (typeof day === "string" ? day : new Date().toISOString()).slice(0, 10);
};
