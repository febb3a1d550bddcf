import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Adapter, AdapterKind, Inspection, MappedCodes, MappedField } from "../../adapters/adapter.ts";
import { ADAPTERS } from "../../adapters/index.ts";
import type { FieldName } from "../../schema/fields.ts";
import type { OpenLocalApi } from "../count/local-api.ts";
import { adapterOptions, parseBankYaml, type ReadBankYaml } from "../mapping/bank-yaml.ts";
import { BankYamlError } from "../mapping/bank-yaml-error.ts";
import { contradictions, looseSpelling } from "../mapping/contradictions.ts";
import type { LocalCode } from "../mapping/field-mapping.ts";
import { type Mapping, mappedFields, mappingOf, tablesOf } from "../mapping/mapping.ts";
import { decodeYaml } from "../mapping/yaml-document.ts";
import { fingerprintOf } from "../releases/edition.ts";
import { createSubgraph, type Subgraph, type SubgraphOptions } from "./subgraph.ts";

type Environment = { readonly [name: string]: string | undefined };

/** Makes the subgraph of a bank.yaml. Its local API is reached later. @throws {BankYamlError} */
export const openBank = async (
  file: string,
  env: Environment,
  subgraph: Omit<SubgraphOptions, "fingerprint"> = {},
): Promise<Subgraph> => {
  const { mapping, openAdapter, fingerprint } = await readBank(file, env, subgraph.stateFolder);
  return createSubgraph(mapping, openAdapter, { ...subgraph, fingerprint });
};

/** What a bank.yaml says, and what its subgraph is made of. */
export type ReadBank = {
  readonly mapping: Mapping;
  /** Reaches the local API. @throws {BankError} */
  readonly openAdapter: OpenLocalApi;
  /** Looks into the data for the operator; null: the kind of local API has no look of its own. @throws {BankError} */
  readonly inspect: ((signal: AbortSignal) => Promise<Inspection>) | null;
  /** Tells findings with their lines in bank.yaml. */
  readonly faults: ReadBankYaml["faults"];
  /** Hash of the bank.yaml, before the environment fills it in, and of its code tables. */
  readonly fingerprint: string;
};

/** Reads a bank.yaml with what it names. @param state see AdapterContext @throws {BankYamlError} */
export const readBank = async (file: string, env: Environment, state?: string): Promise<ReadBank> => {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new BankYamlError(file, [`wanted a readable file: ${error.code ?? error.message}`]);
  });
  const text = decodeYaml(bytes, file);
  const read = parseBankYaml(text, file, env);
  const { adapter } = read.yaml;
  const kind = (ADAPTERS as { readonly [kind: string]: AdapterKind<unknown> | undefined })[adapter.kind];
  if (kind === undefined) {
    const known = Object.keys(ADAPTERS).join(", ");
    const message = `wanted one of ${known}, got ${adapter.kind}`;
    throw new BankYamlError(file, read.faults([{ path: ["adapter", "kind"], message }]));
  }
  const { mapping, options } = bothOf(read, file, kind);
  const { announced } = mapping.yaml.release;
  const context = { bank: mapping.id, folder: path.dirname(path.resolve(file)), env, announced, state };
  const tables = await Promise.all(tablesOf(mapping.yaml).map((table) => readFile(path.join(context.folder, table))));
  const openAdapter = (signal: AbortSignal): Promise<Adapter> =>
    kind.open(options, mappedCodes(mapping), context, signal);
  const { stamp } = kind;
  return {
    mapping,
    openAdapter:
      stamp === undefined ? openAdapter : Object.assign(openAdapter, { stamp: () => stamp(options, context) }),
    inspect:
      kind.inspect === undefined ? null : (signal) => kind.inspect!(options, mappedCodes(mapping), context, signal),
    faults: read.faults,
    fingerprint: fingerprintOf([text, ...tables]),
  };
};

/** The mapping and the adapter's options; the faults of both are told together. @throws {BankYamlError} */
const bothOf = (
  read: ReadBankYaml,
  file: string,
  kind: AdapterKind<unknown>,
): { readonly mapping: Mapping; readonly options: unknown } => {
  const findings: string[] = [];
  const gathered = <T>(work: () => T): { readonly value: T } | null => {
    try {
      return { value: work() };
    } catch (error) {
      if (!(error instanceof BankYamlError)) throw error;
      findings.push(...error.findings);
      return null;
    }
  };
  const options = gathered(() => adapterOptions(read, file, kind.options));
  const mapping = gathered(() => mappingOf(read.yaml, file, read.faults));
  if (options !== null) findings.push(...read.faults(contradictions(read.yaml, kind.named(options.value))));
  if (options === null || mapping === null || findings.length > 0) throw new BankYamlError(file, findings);
  return { mapping: mapping.value, options: options.value };
};

/** The mapping as adapters see it: local codes only. */
export const mappedCodes = (mapping: Mapping): MappedCodes =>
  Object.fromEntries(
    mappedFields(mapping).map((field): readonly [FieldName, MappedField] => {
      const { codes, absent, complete, tree } = mapping.fields[field]!;
      const named = { codes: textsOf(codes), absent, complete };
      const spelling = field === "DISEASE" ? looseSpelling(mapping.yaml) : null;
      return [field, { ...named, ...(tree.size > 0 ? { tree } : {}), ...(spelling === null ? {} : { spelling }) }];
    }),
  );

/** The texts of local codes: one list for all banks that share these codes. */
const textsOf = (codes: readonly LocalCode[]): readonly string[] => {
  const texts = textsBefore.get(codes) ?? codes.map(({ code }) => code);
  textsBefore.set(codes, texts);
  return texts;
};

const textsBefore = new WeakMap<readonly LocalCode[], readonly string[]>();
