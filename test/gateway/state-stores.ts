import { onTestFinished, vi } from "vitest";
import type { KeyRing } from "../../gateway/secrets/keys.ts";
import { openState, type StateStore } from "../../gateway/state/state.ts";
import { newFolder } from "../folder.ts";
import { memoryLog } from "./fake-subgraph.ts";

/** The key of the tests' federation. */
export const KEYS: KeyRing = [Buffer.alloc(32, 1)];

/** A process that has the state open, until the test ends. */
export type Opened = {
  readonly state: StateStore;
  readonly data: string;
  readonly lines: ReturnType<typeof memoryLog>["lines"];
};

/** Opens the state of a Redis, with a copy in a folder: by default in a new one, as on another machine. */
export const openedAt = async (stateUrl: string | null, data?: string, keys: KeyRing = KEYS): Promise<Opened> => {
  const { log, lines } = memoryLog();
  const folder = data ?? (await newFolder());
  const state = await openState({ data: folder, stateUrl }, keys, log);
  onTestFinished(() => state[Symbol.asyncDispose]());
  return { state, data: folder, lines };
};

/** Names of the tokens that a process accepts. */
export const namesOf = ({ state }: Pick<Opened, "state">): readonly string[] =>
  [...state.entries("token").keys()].toSorted();

/** Repeats a check for as long as a change may take to be everywhere. */
export const soon = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 2000, interval: 10 });
