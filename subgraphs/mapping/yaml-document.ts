import { type Document, isMap, isScalar, LineCounter, parseDocument, type Scalar, visit } from "yaml";
import { BankYamlError } from "./bank-yaml-error.ts";
import { brokenReferences } from "./variables.ts";

/** A bank.yaml as it was written. */
export type YamlDocument = { readonly document: Document; readonly lines: LineCounter; readonly content: unknown };

/** Largest bank.yaml, in characters: longer lists of codes belong into tables. */
const LONGEST = 2 ** 20;

/** The text of a bank.yaml's bytes. @throws {BankYamlError} for bytes that are not UTF-8 */
export const decodeYaml = (bytes: Uint8Array, file: string): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const line = firstLineThatIsNotUtf8(bytes);
    throw new BankYamlError(file, [
      `line ${line}: wanted text in UTF-8, got bytes of another encoding. Save the file as UTF-8; only data files may be in cp932.`,
    ]);
  }
};

/** Reads the text without guesses: a key is the text that stands there. @throws {BankYamlError} with one line per fault */
export const readYaml = (yaml: string, file: string): YamlDocument => {
  if (yaml.length > LONGEST) {
    const message = `wanted at most ${LONGEST} characters, got ${yaml.length}. Move lists of codes into tables: { table: codes.csv }.`;
    throw new BankYamlError(file, [message]);
  }
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines });
  const problems = [...document.errors, ...document.warnings].map(({ message }) => message);
  if (problems.length > 0) throw new BankYamlError(file, problems);
  if (!isMap(document.contents)) {
    throw new BankYamlError(file, ["line 1: wanted settings such as `id: bbj`, one a line, got none."]);
  }
  const findings = [...keyFaults(document, lines), ...valueFaults(document, lines)];
  if (findings.length > 0) throw new BankYamlError(file, findings);
  return { document, lines, content: contentOf(document, file) };
};

/** The document as plain data. Few aliases are enough for any bank, and many of them can grow without bounds. */
const contentOf = (document: Document, file: string): unknown => {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new BankYamlError(file, ["wanted at most 100 aliases (*name), got more. Write the settings out."]);
  }
};

const keyFaults = (document: Document, lines: LineCounter): readonly string[] => {
  const findings: string[] = [];
  visit(document, {
    Map(_, { items }) {
      const texts = items.map(({ key }) => String(isScalar(key) ? key.value : key));
      items.forEach(({ key }, at) => {
        if (!isScalar(key) || !key.range || texts.indexOf(texts[at]!) === at) return;
        const { line } = lines.linePos(key.range[0]);
        findings.push(`line ${line}, ${texts[at]}: wanted each key once, got ${texts[at]} again. Remove one of them.`);
      });
    },
    Pair(_, { key, value }) {
      const line = isScalar(key) && key.range ? lines.linePos(key.range[0]).line : 1;
      const fault = isScalar(key)
        ? keyFault(key, value)
        : "wanted a text as the name of a setting, got a list or a map.";
      if (fault !== null) findings.push(`line ${line}, ${isScalar(key) ? (key.source ?? "") : "(a key)"}: ${fault}`);
    },
  });
  return findings;
};

/** What is wrong with a key; null: it is a text, as it was written. */
const keyFault = (key: Scalar, value: unknown): string | null => {
  const { source = "" } = key;
  const quoted = key.type === "QUOTE_DOUBLE" || key.type === "QUOTE_SINGLE";
  if (!quoted && source === "<<") return "wanted settings, got a merge key. Write the settings out.";
  if (!quoted && /^0\d\d$/.test(source) && value === null) {
    return `wanted a number without commas, got the digits ${source} after one.`;
  }
  if (!quoted && (key.value === null || String(key.value) !== source)) {
    return `wanted quotes around a key that YAML reads as ${readAs(key.value)}, got none. Write "${source}".`;
  }
  const text = String(key.value);
  if (text === "") return 'wanted a code or a name, got "". `absent` names marks of missing values.';
  const edge = EDGE.exec(text)?.[0];
  if (edge !== undefined) return `wanted no blank or invisible character, got ${characterName(edge)}. Remove it.`;
  return quoteFault(text);
};

const valueFaults = (document: Document, lines: LineCounter): readonly string[] => {
  const findings: string[] = [];
  visit(document, {
    Scalar(place, { value, range, type }) {
      if (place === "key" || typeof value !== "string") return;
      const line = range ? lines.linePos(range[0]).line : 1;
      const [broken] = brokenReferences(value);
      if (broken !== undefined) {
        findings.push(
          `line ${line}: wanted a variable such as \${NAME} or \${NAME:-default}, in capitals, got ${broken}.`,
        );
      }
      const fault = type === "PLAIN" ? quoteFault(value) : null;
      if (fault !== null) findings.push(`line ${line}: ${fault}`);
    },
  });
  return findings;
};

/** Quotes as word processors set them: YAML takes them for letters. */
const quoteFault = (text: string): string | null =>
  /^[“”„‟‘’‚‛＂＇].*[“”„‟‘’‚‛＂＇]$/su.test(text)
    ? `wanted plain quotes, got ${text}. Write "${text.slice(1, -1)}".`
    : null;

/** A blank at an end, or a control or format character anywhere. */
const EDGE = /^\s|\s$|[\p{Cc}\p{Cf}]/u;

const characterName = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;

const readAs = (value: unknown): string => (value === null ? "nothing" : `${typeof value} ${String(value)}`);

const NEWLINE = 10;

const firstLineThatIsNotUtf8 = (bytes: Uint8Array): number => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [line, start] = [1, 0];
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    [line, start] = [line + 1, end + 1];
  }
  return line;
};
