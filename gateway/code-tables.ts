import { setImmediate } from "node:timers/promises";
import { conceptIndex, conceptNames } from "../schema/codes/concept-index.ts";
import { codeSystem, DISEASE_SYSTEMS } from "../schema/codes/disease-code.ts";
import { relatedCodes } from "../schema/codes/relations.ts";
import { withdrawnCode } from "../schema/codes/withdrawn.ts";

/**
 * Reads the tables of codes, each in a turn of the event loop of its own. A table is read when it is first needed: without this
 * the first search for a concept held up everybody for 200 ms.
 */
export const readCodeTables = async (): Promise<void> => {
  for (const read of TABLES) {
    await setImmediate();
    read();
  }
};

const TABLES: readonly (() => unknown)[] = [
  ...DISEASE_SYSTEMS.map((system) => () => codeSystem(system).codes()),
  conceptNames,
  conceptIndex,
  () => withdrawnCode("ORPHA", "1"),
  () => relatedCodes("ICD10:E11"),
];
