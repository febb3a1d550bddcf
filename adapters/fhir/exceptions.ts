import { asObject, type JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { caught } from "../kit/failures.ts";
import { asObjects } from "./http.ts";
import type { FhirOptions } from "./options.ts";
import { otherwise } from "./recorded.ts";
import { patientOf } from "./references.ts";
import type { Search } from "./search.ts";
import type { FhirServer } from "./server.ts";
import { exceptionsOf, type Standing, type StatusPlace } from "./standing.ts";

/** A diagnosis as its tokens, in lower case; without a standing it counts for sure. */
export type Diagnosis = { readonly tokens: ReadonlySet<string>; readonly standing?: Standing };

/** What a server holds that does not count, or perhaps. Undefined: it cannot be found out, so that all is in doubt. */
export type Unsure = {
  /** Patients by their id. */
  readonly patients: ReadonlyMap<string, Standing> | undefined;
  /** Those of `patients` who may have a Specimen: a Patient that was merged into another mostly has none left. */
  readonly owners: ReadonlyMap<string, Standing> | undefined;
  /** All diagnoses of each patient who has one that does not count for sure. */
  readonly diagnoses: ReadonlyMap<string, readonly Diagnosis[]> | undefined;
  /** Standings of Specimens that do not count for sure, by status, and the patients who have one. */
  readonly samples:
    | {
        readonly statuses: ReadonlyMap<string, Standing>;
        readonly donors: ReadonlySet<string>;
        /** The statuses that count, where every Specimen has a status that is known. */
        readonly counting?: readonly string[];
      }
    | undefined;
};

type Reading = { readonly server: FhirServer; readonly signal: AbortSignal };

const AT_ONCE = 50;

/** Looks for all that does not count for sure by the statuses of bank.yaml. @throws {BankError} */
export const unsureOf = async (options: FhirOptions, reading: Reading): Promise<Unsure> => {
  const [patients, diagnoses, samples] = await Promise.all([
    patientsOf(options, reading),
    diagnosesOf(options, reading),
    samplesOf(options, reading),
  ]);
  return { patients, owners: patients && (await ownersIn(patients, options, reading)), diagnoses, samples };
};

/** The patients but those among whom nobody has a Specimen, which is asked of some at once. */
const ownersIn = async (
  patients: ReadonlyMap<string, Standing>,
  { samples }: FhirOptions,
  { server, signal }: Reading,
): Promise<ReadonlyMap<string, Standing>> => {
  if (samples === undefined) return new Map();
  const all = [...patients];
  const parts = Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, at) =>
    all.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
  );
  const searches = parts.map(
    (part): Search => ({
      resource: "Specimen",
      params: [[samples.reference, part.map(([id]) => `Patient/${id}`).join(",")]],
    }),
  );
  const counts = await server.count(searches, signal);
  for (const count of counts) if (count instanceof BankError) otherwise(count, undefined);
  return new Map(parts.filter((_, at) => counts[at] !== 0).flat());
};

const CONDITION_OTHERS = ["unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"];
const SPECIMEN_OTHERS = ["available", "unavailable", "unsatisfactory", "entered-in-error"];

/** A merged Patient names the one that replaced it. */
const patientsOf = async (
  { patients: rule }: FhirOptions,
  { server, signal }: Reading,
): Promise<Unsure["patients"]> => {
  const place = { resource: "Patient", elements: "active,link" } as const;
  const [inactive, linked] = await Promise.all([
    exceptionsOf(
      {
        ...place,
        param: "active",
        others: ["true", "false"],
        rule: { counts: ["true", ""], drops: [] },
        statusOf: ({ active }) => (typeof active === "boolean" ? String(active) : ""),
      },
      server,
      signal,
    ),
    linkedOf(server, signal),
  ]);
  if (inactive === undefined || linked === undefined) {
    return rule.inactive === "counts" && rule.merged === "counts" ? new Map() : undefined;
  }
  const found = new Map<string, Standing>();
  const put = (id: unknown, standing: "counts" | "doubt" | "drops"): void => {
    if (standing !== "counts") found.set(String(id), standing === "drops" ? "dropped" : "doubt");
  };
  for (const { resource } of inactive.found) put(resource["id"], rule.inactive);
  for (const { id } of linked.filter(isReplaced)) put(id, rule.merged);
  return found;
};

const isReplaced = ({ link }: JsonObject): boolean => asObjects(link).some(({ type }) => type === "replaced-by");

/** Patients with a link to others; undefined where they cannot be found. */
const linkedOf = async (server: FhirServer, signal: AbortSignal): Promise<readonly JsonObject[] | undefined> => {
  const search = (...params: Search["params"]): Search => ({ resource: "Patient", params });
  const [all, without, linked] = await server.count(
    [search(), search(["link:missing", "true"]), search(["link:missing", "false"])],
    signal,
  );
  for (const outcome of [all, without, linked]) if (outcome instanceof BankError) otherwise(outcome, 0);
  const isProven = typeof without === "number" && typeof linked === "number" && without + linked === all;
  if (isProven && linked === 0) return [];
  if (!isProven && !(typeof all === "number" && all <= 20_000)) return undefined;
  const page = [
    ["_elements", "id,link"],
    ["_count", "1000"],
  ] as const;
  const read = await caught(() =>
    server.readAll(isProven ? search(["link:missing", "false"], ...page) : search(...page), signal),
  );
  if (read instanceof BankError) return otherwise(read, undefined);
  return read.size === (isProven ? linked : all) ? [...read.values()] : undefined;
};

const codeOf = (concept: unknown): string =>
  String(asObjects(asObject(concept)?.["coding"]).find(({ code }) => typeof code === "string")?.["code"] ?? "");

const diagnosesOf = async ({ diseases }: FhirOptions, { server, signal }: Reading): Promise<Unsure["diagnoses"]> => {
  if (diseases === undefined) return new Map();
  const place: StatusPlace = {
    resource: "Condition",
    param: "verification-status",
    elements: "verificationStatus,code,subject",
    others: CONDITION_OTHERS,
    rule: diseases.verification,
    statusOf: ({ verificationStatus }) => codeOf(verificationStatus),
  };
  const unsure = await exceptionsOf(place, server, signal);
  if (unsure === undefined) return undefined;
  const standings = new Map(unsure.found.map(({ resource, standing }) => [String(resource["id"]), standing]));
  const ids = [...new Set(unsure.found.flatMap(({ resource }) => patientOf(resource, diseases.reference) ?? []))];
  const found = new Map<string, Diagnosis[]>();
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE).map((id) => `Patient/${id}`);
    const search: Search = {
      resource: "Condition",
      params: [
        [diseases.reference, some.join(",")],
        ["_elements", `id,${place.elements}`],
        ["_count", "1000"],
      ],
    };
    const read = await caught(() => server.readAll(search, signal));
    if (read instanceof BankError) return otherwise(read, undefined);
    for (const [id, condition] of read) {
      const patient = patientOf(condition, diseases.reference);
      const standing = standings.get(id);
      if (patient === undefined) continue;
      const one = { tokens: tokensOf(condition), ...(standing === undefined ? {} : { standing }) };
      found.set(patient, [...(found.get(patient) ?? []), one]);
    }
  }
  return found;
};

/** Each coding with and without its system. */
const tokensOf = (condition: JsonObject): ReadonlySet<string> =>
  new Set(
    asObjects(asObject(condition["code"])?.["coding"]).flatMap(({ system, code }) =>
      [`${String(system ?? "")}|${String(code)}`, String(code)].map((token) => token.toLowerCase()),
    ),
  );

const samplesOf = async ({ samples }: FhirOptions, { server, signal }: Reading): Promise<Unsure["samples"]> => {
  if (samples === undefined) return { statuses: new Map(), donors: new Set() };
  const statusOf = ({ status }: JsonObject): string => (typeof status === "string" ? status : "");
  const unsure = await exceptionsOf(
    {
      resource: "Specimen",
      param: "status",
      elements: "status,subject",
      others: SPECIMEN_OTHERS,
      rule: samples.status,
      statusOf,
    },
    server,
    signal,
  );
  if (unsure === undefined || (unsure.found.length > 0 && !unsure.byParameter)) return undefined;
  const counting = samples.status.counts.filter((status) => status !== "");
  return {
    statuses: new Map(unsure.found.map(({ resource, standing }) => [statusOf(resource), standing])),
    ...(unsure.allHave && counting.length > 0 ? { counting } : {}),
    donors: new Set(unsure.found.flatMap(({ resource }) => patientOf(resource, samples.reference) ?? [])),
  };
};
