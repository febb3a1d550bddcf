import { checkBank } from "../../subgraphs/check/check-bank.ts";
import { reportLines } from "./print/report.ts";
import { viewOf } from "./print/view.ts";
import type { Language } from "./print/words.ts";
import type { Surroundings } from "./surroundings.ts";

/** Time after which a check says that it goes on, in ms. */
const SLOW_MS = 10_000;

/**
 * `odan bank check bank.yaml`: prints everything that is found. @returns the exit code: 0 without errors, 1 where the bank may not
 * join, 2 where it could not be checked
 */
export const runCheck = async (
  { file, language, json }: { readonly file: string; readonly language: Language; readonly json: boolean },
  { env, colours, print, complain }: Surroundings,
): Promise<number> => {
  const slow = setInterval(() => complain("odan: still checking: large files and slow servers take a while"), SLOW_MS);
  try {
    const report = await checkBank(file, env);
    print(json ? JSON.stringify(report, null, 2) : reportLines(report, viewOf(language, colours)).join("\n"));
    if (!report.checked) return 2;
    return report.findings.some(({ level }) => level === "ERROR") ? 1 : 0;
  } finally {
    clearInterval(slow);
  }
};
