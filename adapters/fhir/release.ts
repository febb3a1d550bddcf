import { createHash } from "node:crypto";
import { asObject, type JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Release } from "../local.ts";
import type { FhirClient } from "./http.ts";
import type { FhirOptions } from "./options.ts";

/**
 * Reads which release the server holds: `<bank>@<version>` of the configured resource, ANNOUNCED; of a resource without a
 * version by its version in the server, WATCHED; of the server's CapabilityStatement by what it says of software and
 * installation, WATCHED. @throws {BankError}
 */
export const readRelease = async (
  bank: string,
  client: FhirClient,
  options: FhirOptions,
  signal: AbortSignal,
): Promise<Release> => {
  return releaseIn(bank, await client.fetch(releasePath(options), signal), options);
};

/** Where the resource that tells the release is, below the base. */
export const releasePath = ({ release }: FhirOptions): string => (release === "metadata" ? release : release.resource);

/** The release that the resource tells: see readRelease. @throws {BankError} */
export const releaseIn = (bank: string, found: JsonObject, options: FhirOptions): Release => {
  const { release } = options;
  const path = releasePath(options);
  const wanted = release === "metadata" ? "CapabilityStatement" : path.replace(/\/.*/, "");
  if (found["resourceType"] !== wanted) {
    const message = `${path}: wanted a ${wanted}, got a ${String(found["resourceType"]).slice(0, 64)}`;
    throw new BankError("BANK_BROKEN", bank, message);
  }
  const { software, implementation, version, date, meta } = found;
  if (release === "metadata") {
    requireR4(bank, found);
    const seen = createHash("sha256")
      .update(JSON.stringify([software, implementation, version]))
      .digest("hex");
    const day = dayOf(asObject(software)?.["releaseDate"], date);
    return { id: `${bank}@${seen.slice(0, 16)}`, date: day, kind: "WATCHED" };
  }
  const { versionId, lastUpdated } = asObject(meta) ?? {};
  const day = dayOf(date, lastUpdated);
  if (typeof version === "string" && version !== "") return { id: `${bank}@${version}`, date: day, kind: "ANNOUNCED" };
  const seen = [versionId, lastUpdated, date].find((one) => typeof one === "string" && one !== "");
  if (seen === undefined) throw new BankError("BANK_BROKEN", bank, `${path}: wanted a version or a date, got neither`);
  return { id: `${bank}@${String(seen)}`, date: day, kind: "WATCHED" };
};

/**
 * Looks whether the server's CapabilityStatement names R4. A server without one is taken by what it answers later.
 * @throws {BankError} BANK_BROKEN where it names another version of FHIR
 */
export const checkVersion = async (bank: string, client: FhirClient, signal: AbortSignal): Promise<void> => {
  const found = await client.fetch("metadata?_elements=fhirVersion", signal).catch((error: unknown) => {
    if (error instanceof BankError && error.code === "BANK_UNSUPPORTED") return {};
    throw error;
  });
  if (asObject(found)?.["resourceType"] === "CapabilityStatement") requireR4(bank, found);
};

/** @throws {BankError} BANK_BROKEN */
const requireR4 = (bank: string, { fhirVersion }: JsonObject): void => {
  if (typeof fhirVersion === "string" && fhirVersion.startsWith("4.")) return;
  throw new BankError("BANK_BROKEN", bank, `metadata: wanted FHIR R4 (4.0.1), got ${String(fhirVersion).slice(0, 64)}`);
};

const dayOf = (...dates: readonly unknown[]): string => {
  const day = dates.find((date) => typeof date === "string" && /^\d{4}-\d\d-\d\d/.test(date));
  return (typeof day === "string" ? day : new Date().toISOString()).slice(0, 10);
};
