import { setImmediate } from "node:timers/promises";
import { codeSystem, DISEASE_SYSTEMS } from "../schema/codes/disease-code.ts";
import { relatedCodes } from "../schema/codes/relations.ts";
import { withdrawnCode } from "../schema/codes/withdrawn.ts";
import { loadWords, words } from "../schema/words/read-words.ts";

/**
 * Reads the tables of codes and the index of names, each part in a turn of the event loop of its own. A part is read when it is
 * first needed: without this the first search for a name held up everybody for 200 ms.
 */
export const readCodeTables = async (): Promise<void> => {
  await loadWords();
  for (const read of [...TABLES, ...words().prepare]) {
    await setImmediate();
    read();
  }
};

const TABLES: readonly (() => unknown)[] = [
  ...DISEASE_SYSTEMS.map((system) => () => codeSystem(system).codes()),
  () => withdrawnCode("ORPHA", "1"),
  () => relatedCodes("ICD10:E11"),
];
