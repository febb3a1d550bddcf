import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Adapter, AdapterKind, MappedCodes, MappedField } from "../../adapters/adapter.ts";
import { ADAPTERS } from "../../adapters/index.ts";
import type { FieldName } from "../../schema/fields.ts";
import { adapterFaults, adapterOptions } from "../mapping/bank-yaml.ts";
import { BankYamlError } from "../mapping/bank-yaml-error.ts";
import { type Mapping, mappedFields, parseMapping, tablesOf } from "../mapping/mapping.ts";
import { fingerprintOf } from "../releases/edition.ts";
import { createSubgraph, type Subgraph, type SubgraphOptions } from "./subgraph.ts";

type Environment = { readonly [name: string]: string | undefined };

/** Makes the subgraph of a bank.yaml. Its local API is reached later. @throws {BankYamlError} */
export const openBank = async (
  file: string,
  env: Environment,
  subgraph: Omit<SubgraphOptions, "fingerprint"> = {},
): Promise<Subgraph> => {
  const { mapping, openAdapter, fingerprint } = await readBank(file, env);
  return createSubgraph(mapping, openAdapter, { ...subgraph, fingerprint });
};

/** What a bank.yaml says, and what its subgraph is made of. */
export type ReadBank = {
  readonly mapping: Mapping;
  /** Reaches the local API. @throws {BankError} */
  readonly openAdapter: (signal: AbortSignal) => Promise<Adapter>;
  /** Hash of the bank.yaml, before the environment fills it in, and of its code tables. */
  readonly fingerprint: string;
};

/** Reads a bank.yaml with what it names. @throws {BankYamlError} */
export const readBank = async (file: string, env: Environment): Promise<ReadBank> => {
  const yaml = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new BankYamlError(file, [`wanted a readable file: ${error.code ?? error.message}`]);
  });
  const mapping = parseMapping(yaml, file, env);
  const { adapter } = mapping.yaml;
  const kind = (ADAPTERS as { readonly [kind: string]: AdapterKind<unknown> | undefined })[adapter.kind];
  if (kind === undefined) {
    const known = Object.keys(ADAPTERS).join(", ");
    const message = `wanted one of ${known}, got ${adapter.kind}`;
    throw new BankYamlError(file, adapterFaults(yaml, [{ path: ["kind"], message }]));
  }
  const options = adapterOptions(yaml, file, kind.options, adapter);
  const context = { bank: mapping.id, folder: path.dirname(path.resolve(file)), env };
  const tables = await Promise.all(tablesOf(mapping.yaml).map((table) => readFile(path.join(context.folder, table))));
  return {
    mapping,
    openAdapter: (signal) => kind.open(options, mappedCodes(mapping), context, signal),
    fingerprint: fingerprintOf([yaml, ...tables]),
  };
};

/** The mapping as adapters see it: local codes only. */
export const mappedCodes = (mapping: Mapping): MappedCodes =>
  Object.fromEntries(
    mappedFields(mapping).map((field): readonly [FieldName, MappedField] => {
      const { codes, absent, complete, tree } = mapping.fields[field]!;
      return [field, { codes: codes.map(({ code }) => code), absent, complete, ...(tree.size > 0 ? { tree } : {}) }];
    }),
  );
