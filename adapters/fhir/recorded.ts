import { asObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { MappedField } from "../adapter.ts";
import { caught } from "../kit/failures.ts";
import { asObjects } from "./http.ts";
import type { FhirOptions } from "./options.ts";
import { patientOf } from "./references.ts";
import type { Search } from "./search.ts";
import type { FhirServer } from "./server.ts";
import { escaped, type Word } from "./words.ts";

/** The codes that are recorded, and how many Conditions no search for donors can find: see Slack. */
export type Recorded = { readonly codes: ReadonlySet<string>; readonly unfound: number };

/** A server with more Conditions than this is asked for every mapped code. */
const MOST_CONDITIONS = 20_000;

/**
 * The mapped codes of a whole code system that the server's Conditions hold: of the ten thousand codes of a system a bank
 * records some hundreds, and only these are worth asking for. Every Condition is read. Undefined where there are
 * too many, where not every one of them came, or where the mapping names single codes. @throws {BankError}
 */
export const recordedDiseases = async (
  { diseases }: FhirOptions,
  { spell }: Word,
  mapped: MappedField | undefined,
  readFrom: { readonly server: FhirServer; readonly signal: AbortSignal },
): Promise<Recorded | undefined> => {
  // Only the standard's own parameter is known to look at Condition.code.
  if (mapped?.tree === undefined || diseases?.code !== "code") return undefined;
  const { server, signal } = readFrom;
  const all: Search = { resource: diseases.resource, params: [] };
  const [total] = await server.count([all], signal);
  if (typeof total !== "number" || total > MOST_CONDITIONS) return undefined;
  const read = await caught(() => server.readAll({ ...all, params: [["_count", "1000"]] }, signal));
  if (read instanceof BankError) return otherwise(read, undefined);
  if (read.size !== total) return undefined;
  const spelled = new Set(mapped.codes.map(spell));
  const recorded = new Set<string>();
  let unfound = 0;
  for (const condition of read.values()) {
    const tokens = asObjects(asObject(condition["code"])?.["coding"]).flatMap(({ system, code }) => {
      const bare = escaped(String(code));
      return [bare, `${escaped(String(system ?? ""))}|${bare}`];
    });
    for (const token of tokens) recorded.add(folded(token));
    const isMapped = !mapped.complete || tokens.some((token) => spelled.has(token));
    if (!isMapped || patientOf(condition, diseases.reference) === undefined) unfound += 1;
  }
  return { codes: new Set(mapped.codes.filter((code) => recorded.has(folded(spell(code))))), unfound };
};

/** What stands for an answer by which a server shows that it cannot do a thing. @throws {BankError} for any other failure */
export const otherwise = <T>(error: BankError, value: T): T => {
  if (error.code === "BANK_UNSUPPORTED" || error.code === "BANK_BROKEN") return value;
  throw error;
};

/** Whether case matters is the code system's to say, and a code too many does no harm. */
const folded = (token: string): string => token.toLowerCase();
