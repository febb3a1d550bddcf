import { BankError } from "../../schema/bank-error.ts";
import type { MappedField } from "../adapter.ts";
import type { Unit } from "../local.ts";
import type { FhirOptions } from "./options.ts";
import { otherwise } from "./recorded.ts";
import type { Search } from "./search.ts";
import type { FhirServer } from "./server.ts";
import type { Word } from "./words.ts";

/**
 * Resources that no search for donors can find, each of which may be one more donor's: Conditions and Specimens whose subject
 * is no Patient of the server (a reference by identifier alone), and Conditions in no code of a mapping that is warranted to
 * name every one.
 */
export type Slack = { readonly conditions: number; readonly specimens: number };

const MOST_CODES = 300;

type Reading = { readonly server: FhirServer; readonly signal: AbortSignal };

/**
 * Counts what no search for donors can find. `read`: what was seen of the Conditions, where every one was read.
 * @throws {BankError} for a server that is busy or away
 */
export const slackOf = async (
  { diseases, samples }: FhirOptions,
  mapped: {
    readonly field: MappedField | undefined;
    readonly word: Word | undefined;
    readonly read: number | undefined;
  },
  { server, signal }: Reading,
): Promise<Slack> => {
  const count = async (...searches: readonly Search[]): Promise<readonly (number | undefined)[]> => {
    const outcomes = await server.count(searches, signal);
    return outcomes.map((outcome) => (outcome instanceof BankError ? otherwise(outcome, undefined) : outcome));
  };
  const withoutPatient = async (resource: string, reference: string): Promise<number> => {
    const [all, lacking, having] = await count(
      { resource, params: [] },
      { resource, params: [[`${reference}:missing`, "true"]] },
      { resource, params: [[`${reference}:missing`, "false"]] },
    );
    return lacking !== undefined && having !== undefined && lacking + having === all ? lacking : 0;
  };
  const inNoCode = async (code: string): Promise<number> => {
    const { field, word } = mapped;
    if (!field?.complete || word === undefined || field.codes.length > MOST_CODES) return 0;
    const tokens = field.codes.map(word.spell).join(",");
    const [all, known] = await count(
      { resource: "Condition", params: [] },
      { resource: "Condition", params: [[code, tokens]] },
    );
    return all !== undefined && known !== undefined ? Math.max(0, all - known) : 0;
  };
  const ofConditions = async (): Promise<number> => {
    if (diseases === undefined) return 0;
    if (mapped.read !== undefined) return mapped.read;
    const [lost, unmapped] = await Promise.all([
      withoutPatient("Condition", diseases.reference),
      inNoCode(diseases.code),
    ]);
    return lost + unmapped;
  };
  const [conditions, specimens] = await Promise.all([
    ofConditions(),
    samples === undefined ? 0 : withoutPatient("Specimen", samples.reference),
  ]);
  return { conditions, specimens };
};

/** How many more a count may be. `diseases`: tests of diagnoses; `others`: whether samples of a donor, or a sample's donor, are tested. */
export const slackFor = (
  { conditions, specimens }: Slack,
  unit: Unit,
  { diseases, others }: { readonly diseases: number; readonly others: boolean },
): number | null => {
  if (unit === "SAMPLES" && diseases > 0 && conditions > 0) return null;
  return diseases * conditions + (others ? specimens : 0);
};
