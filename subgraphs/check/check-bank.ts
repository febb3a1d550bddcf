import type { Adapter, FieldCoverage, Inspection } from "../../adapters/adapter.ts";
import { withDeadline } from "../../net/deadline.ts";
import { BankError } from "../../schema/bank-error.ts";
import { FIELDS, isSampleField } from "../../schema/fields.ts";
import type { Release } from "../../schema/release.ts";
import { BankYamlError } from "../mapping/bank-yaml-error.ts";
import { mappedFields } from "../mapping/mapping.ts";
import { mappedCodes, type ReadBank, readBank } from "../serve/open.ts";
import { countedCoverage, type Everything } from "./counted-coverage.ts";
import { adapterFinding, type Finding, failureFinding, findingOf, settingFinding } from "./finding.ts";

type Environment = { readonly [name: string]: string | undefined };

/** What a check found. It holds raw counts and local values: it is for the operator's own terminal. */
export type BankReport = {
  readonly file: string;
  /** The bank's id and the kind of its local API; null: bank.yaml cannot be read. */
  readonly bank: string | null;
  readonly kind: string | null;
  readonly release: Release | null;
  readonly everything: Everything;
  readonly findings: readonly Finding[];
  readonly coverage: readonly FieldCoverage[];
  /** Whether the data could be looked at. */
  readonly checked: boolean;
};

/** Time for opening a local API and for all counts of the check, in ms each: files may be large. */
const PATIENCE_MS = 300_000;

/** Checks a bank.yaml and the data behind it, as they will be used. Faults of the bank are findings, never thrown. */
export const checkBank = async (file: string, env: Environment): Promise<BankReport> => {
  const nothing = { file, bank: null, kind: null, release: null, everything: NOTHING, coverage: [] };
  let read: ReadBank;
  try {
    read = await readBank(file, env);
  } catch (error) {
    if (!(error instanceof BankYamlError)) throw error;
    const unread = error.findings.some((line) => line.startsWith("wanted a readable file"));
    const findings = unread
      ? [findingOf("settings.unreadable", { file, got: error.findings[0]!.replace("wanted a readable file: ", "") })]
      : error.findings.map((line) => settingFinding(line, file));
    const skipped = findingOf("not-checked", { got: "data", skippedBecause: findings[0]!.id });
    return { ...nothing, findings: [...findings, skipped], checked: !unread };
  }
  const { id, yaml } = read.mapping;
  return { ...nothing, bank: id, kind: yaml.adapter.kind, ...(await lookedInto(read, file)) };
};

const NOTHING: Everything = { donors: null, samples: null };

type Looked = Pick<BankReport, "release" | "everything" | "findings" | "coverage" | "checked">;

const lookedInto = async (read: ReadBank, file: string): Promise<Looked> => {
  const [seen, opened] = await Promise.all([
    orFailure(read, async (signal) => read.inspect?.(signal) ?? null),
    orFailure(read, read.openAdapter),
  ]);
  const inspection: Inspection = seen instanceof BankError || seen === null ? NO_INSPECTION : seen;
  if (opened instanceof BankError) return withoutAdapter(read, file, inspection, opened);
  try {
    return await throughAdapter(read, file, inspection, opened);
  } finally {
    await opened[Symbol.asyncDispose]();
  }
};

const NO_INSPECTION: Inspection = { findings: [], coverage: [] };

const orFailure = async <T>(
  { mapping }: ReadBank,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | BankError> => {
  const late = () => new BankError("BANK_TIMEOUT", mapping.id, `wanted it within ${PATIENCE_MS} ms, got none`);
  try {
    return await withDeadline(work, PATIENCE_MS, late);
  } catch (error) {
    if (error instanceof BankError) return error;
    throw error;
  }
};

const withoutAdapter = (
  read: ReadBank,
  file: string,
  { findings, coverage }: Inspection,
  failure: BankError,
): Looked => {
  const place = placed(read, file);
  const told = [
    ...findings.map((finding) => place(adapterFinding(finding, false))),
    ...coverageFindings(read, coverage).map(place),
  ];
  const failed = place(failureFinding(failure));
  const explained = failed.id === "source.broken" && told.some(({ level }) => level === "ERROR");
  const all = explained ? told : [...told, failed];
  const because = all.find(({ level }) => level === "ERROR")!.id;
  return {
    release: null,
    everything: NOTHING,
    coverage,
    findings: [...all, findingOf("not-checked", { got: "counts", skippedBecause: because })],
    checked: failed.id === "source.broken",
  };
};

const throughAdapter = async (
  read: ReadBank,
  file: string,
  inspection: Inspection,
  adapter: Adapter,
): Promise<Looked> => {
  const place = placed(read, file);
  const mapping = mappedCodes(read.mapping);
  const counted = await orFailure(read, async (signal) => {
    const release = await adapter.release(signal);
    return { release, ...(await countedCoverage(adapter, mapping, release, signal)) };
  });
  const said = [...inspection.findings, ...(adapter.findings?.() ?? [])].map((each) => adapterFinding(each, true));
  if (counted instanceof BankError) {
    const findings = [...said, failureFinding(counted)].map(place);
    return { release: null, everything: NOTHING, coverage: inspection.coverage, findings, checked: false };
  }
  const coverage = [
    ...inspection.coverage,
    ...counted.coverage.filter(({ field }) => !inspection.coverage.some((each) => each.field === field)),
  ];
  const findings = [
    ...said,
    ...notOffered(read, adapter),
    ...coverageFindings(read, coverage),
    ...uncounted(coverage),
    ...counted.findings,
    ...sizeFindings(read, counted.everything),
  ];
  const { release, everything } = counted;
  return { release, everything, coverage, findings: findings.map(place), checked: true };
};

/** Adds the line of bank.yaml to a finding that names a setting, or a field and no other place. */
const placed =
  ({ faults }: ReadBank, file: string) =>
  (finding: Finding): Finding => {
    const { at, field, file: other } = finding;
    if (other !== null || (at === null && field === null)) return finding;
    const path = at?.split(".") ?? [FIELDS[field!].yaml];
    const line = Number(/^line (\d+)/.exec(faults([{ path, message: "" }])[0] ?? "")?.[1] ?? 1);
    return line === 1 ? finding : { ...finding, file, line, at: at ?? path[0]! };
  };

const notOffered = ({ mapping }: ReadBank, { capabilities }: Adapter): readonly Finding[] =>
  mappedFields(mapping)
    .filter((field) => capabilities.fields[field] === undefined && sectionIsThere(mapping, field))
    .map((field) => findingOf("field.not-offered", { field }));

const sectionIsThere = ({ yaml }: ReadBank["mapping"], field: keyof typeof FIELDS): boolean =>
  (yaml as { readonly [key: string]: unknown })[FIELDS[field].yaml] !== undefined;

/** What the coverage of each field says: values without a meaning, missing ones, and warrants that do not hold. */
const coverageFindings = ({ mapping }: ReadBank, coverage: readonly FieldCoverage[]): readonly Finding[] =>
  coverage.flatMap(({ field, unmapped, absent, values = [] }) => {
    const unit = isSampleField(field) ? "samples" : FIELDS[field].kind === "record" ? "records" : "donors";
    const got = ({ rows, donors }: { rows: number; donors: number }): string =>
      unit === "donors" ? `${donors} donors` : `${rows} ${unit} of ${donors} donors`;
    const isOne = FIELDS[field].kind === "attribute" || isSampleField(field);
    const isComplete = mapping.yaml.complete.some((key) => key === FIELDS[field].yaml);
    const findings: Finding[] = [];
    if (unmapped !== undefined && unmapped.rows > 0) {
      const told = values.map(({ value, rows }) => `${JSON.stringify(value.slice(0, 60))} in ${rows}`).join(", ");
      const details = { field, got: `${got(unmapped)}${told === "" ? "" : `: ${told}`}` };
      findings.push(
        isComplete
          ? findingOf("complete.false", { ...details, at: `complete`, wanted: `every value of ${field} mapped` })
          : findingOf("mapping.unmapped", details),
      );
    }
    if (isOne && absent !== undefined && absent.rows > 0) {
      findings.push(
        isComplete
          ? findingOf("complete.false", {
              field,
              at: "complete",
              wanted: `a value of ${field} everywhere`,
              got: `${got(absent)} without`,
            })
          : findingOf("data.missing", { field, got: `${got(absent)} without` }),
      );
    }
    return findings;
  });

/** One finding for all fields of which the local API cannot count a part. */
const uncounted = (coverage: readonly FieldCoverage[]): readonly Finding[] => {
  const fields = coverage.filter((each) => [each.mapped, each.unmapped, each.absent].includes(undefined));
  return fields.length === 0
    ? []
    : [findingOf("field.uncounted", { got: fields.map(({ field }) => field).join(", ") })];
};

const sizeFindings = ({ mapping }: ReadBank, everything: Everything): readonly Finding[] =>
  (["donors", "samples"] as const).flatMap((unit) => {
    const [bound, held] = [mapping.yaml.size[unit], everything[unit]];
    if (bound === undefined || held === null || held <= bound) return [];
    return [findingOf("size.too-small", { at: `size.${unit}`, wanted: `at least ${held}`, got: String(bound) })];
  });
