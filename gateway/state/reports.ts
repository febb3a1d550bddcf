import type { Logger } from "pino";
import type { StoredLine } from "./replica.ts";

/** See stateReports. */
export type Reports = ReturnType<typeof stateReports>;

/** Lines that were reported are remembered up to this number, so that none is reported again and again. */
const REMEMBERED = 1000;

/** What the operator's log hears of the state. Never a name or a value. */
export const stateReports = (log: Pick<Logger, "info" | "warn" | "error">) => {
  const strange = new Set<string>();
  const said = new Map<string, string>();
  return {
    /** Lines that none of the keys has signed, or that stand under another name. Each is reported once. */
    forged(where: string, lines: readonly StoredLine[]): void {
      const unseen = lines.map((stored) => JSON.stringify(stored)).filter((text) => !strange.has(text));
      if (unseen.length === 0) return;
      if (strange.size > REMEMBERED) strange.clear();
      for (const text of unseen) strange.add(text);
      log.error(
        { alarm: "forged", where, entries: unseen.length },
        "state entries were not written by a gateway of this federation, or stand under another name: they are ignored",
      );
    },
    /** The store had lost entries, or held older ones. */
    restored(entries: number): void {
      log.warn({ alarm: "rollback", entries }, "the state store lacked entries or had older ones: they were put back");
    },
    /** What failed in one part of the work, or that it works again. Said once, until it is something else. */
    failed(part: string, why: unknown, message: string): void {
      const text = String(why);
      if (said.get(part) === text) return;
      said.set(part, text);
      log.error({ err: why }, message);
    },
    works(part: string, message: string): void {
      if (said.delete(part)) log.info(message);
    },
    /** Gateways that are up and had not read a change in time. */
    behind(gateways: number): void {
      log.warn({ gateways }, "gateways that are up have not heard of a change of the state in time");
    },
    warn: (message: string): void => log.warn(message),
    error: (message: string): void => log.error(message),
  };
};
