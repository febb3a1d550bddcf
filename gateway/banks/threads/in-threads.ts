import { availableParallelism } from "node:os";
import { type DocumentNode, print } from "graphql";
import type { ThreadData } from "../../../subgraphs/serve/thread/messages.ts";
import type { BankLink } from "../link.ts";
import { type KeptThread, keepThread } from "./kept-thread.ts";
import type { ThreadOptions } from "./thread.ts";

export type HostOptions = ThreadOptions &
  Pick<ThreadData, "env" | "leaseMs" | "stateFolder"> & {
    /** How many threads there may be. Default: one for each core but that of the gateway, and at least one. */
    readonly threads?: number;
  };

/**
 * Hosts the banks of bank.yaml files on threads beside that of the gateway, so that whatever a bank plans or reads holds up no
 * other request. Each thread hosts a share of the banks; disposing the last of its links ends it.
 * @throws {BankYamlError} {ThreadEnded}
 */
export const inThreads = async (files: readonly string[], options: HostOptions): Promise<readonly BankLink[]> => {
  const { env, leaseMs, stateFolder, threads = Math.max(1, availableParallelism() - 1), ...started } = options;
  const starting = sharesOf(files, threads).map((share) =>
    keepThread({ files: share, env: { ...env }, leaseMs, stateFolder }, started),
  );
  try {
    return (await Promise.all(starting)).flatMap(linksTo);
  } catch (error) {
    for (const each of await Promise.allSettled(starting)) {
      if (each.status === "fulfilled") await each.value[Symbol.asyncDispose]();
    }
    throw error;
  }
};

/** Deals items out in turn, into at most so many shares, none of them empty. */
const sharesOf = <T>(items: readonly T[], most: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.min(most, items.length) }, (_, share) => items.filter((_item, at) => at % most === share));

const linksTo = (thread: KeptThread): readonly BankLink[] => {
  const open = new Set(thread.ids);
  return thread.ids.map((id, bank) => ({
    at: id,
    id,
    isHosted: true,
    execute: ({ document, variables = {}, signal, operator }) =>
      thread.ask({ bank, document: textOf(document), variables, operator: operator !== undefined }, signal),
    async [Symbol.asyncDispose]() {
      open.delete(id);
      if (open.size === 0) await thread[Symbol.asyncDispose]();
    },
  }));
};

const texts = new WeakMap<DocumentNode, string>();
const textOf = (document: DocumentNode): string => {
  const text = texts.get(document) ?? print(document);
  texts.set(document, text);
  return text;
};
