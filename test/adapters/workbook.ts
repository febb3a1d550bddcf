import { deflateRawSync } from "node:zlib";

/** Parts of an archive by their names. `says`: the size of a part as the archive states it, where that is a lie. */
export const zipped = (
  parts: Readonly<Record<string, string | Buffer>>,
  { stored = false, says }: { readonly stored?: boolean; readonly says?: number } = {},
): Buffer => {
  const bodies: Buffer[] = [];
  const list: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(parts)) {
    const bytes = Buffer.from(content);
    const packed = stored ? bytes : deflateRawSync(bytes);
    const method = stored ? 0 : 8;
    const sizes = [packed.length, says ?? bytes.length];
    const local = header([0x04034b50, 20, 0, method, 0, 0, 0, ...sizes, Buffer.byteLength(name), 0], LOCAL);
    const central = [0x02014b50, 20, 20, 0, method, 0, 0, 0, ...sizes, Buffer.byteLength(name), 0, 0, 0, 0, 0, offset];
    list.push(header(central, CENTRAL), Buffer.from(name));
    bodies.push(local, Buffer.from(name), packed);
    offset += local.length + Buffer.byteLength(name) + packed.length;
  }
  const bytes = Buffer.concat(list);
  const count = Object.keys(parts).length;
  return Buffer.concat([...bodies, bytes, header([0x06054b50, 0, 0, count, count, bytes.length, offset, 0], END)]);
};

/** Bytes of each number of the headers of an archive. */
const LOCAL = [4, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2];
const CENTRAL = [4, 2, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4];
const END = [4, 2, 2, 2, 2, 4, 4, 2];

const header = (numbers: readonly number[], lengths: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(lengths.reduce((sum, length) => sum + length));
  let at = 0;
  for (const [index, length] of lengths.entries()) at = bytes.writeUIntLE(numbers[index] ?? 0, at, length);
  return bytes;
};

/** What a workbook of the tests holds: sheets by name, each the XML of its rows and what follows them. */
export type Workbook = {
  readonly sheets: Readonly<Record<string, string>>;
  readonly shared?: string;
  readonly workbookPr?: string;
};

const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** The parts of a workbook. */
export const partsOf = ({ sheets, shared, workbookPr = "" }: Workbook): Readonly<Record<string, string>> => {
  const names = Object.keys(sheets);
  const list = names.map((name, i) => `<sheet name="${name}" sheetId="${i + 1}" r:id="r${i + 1}"/>`).join("");
  const links = names.map(
    (_, i) => `<Relationship Id="r${i + 1}" Type="${LINKS}/worksheet" Target="sheets/${i}.xml"/>`,
  );
  const link = `<Relationship Id="s" Type="${LINKS}/sharedStrings" Target="/xl/shared.xml"/>`;
  return {
    "_rels/.rels": `<Relationships><Relationship Id="a" Type="${LINKS}/officeDocument" Target="xl/book.xml"/></Relationships>`,
    "xl/book.xml": `<workbook xmlns="${MAIN}" xmlns:r="${LINKS}">${workbookPr}<sheets>${list}</sheets></workbook>`,
    "xl/_rels/book.xml.rels": `<Relationships>${links.join("")}${link}</Relationships>`,
    ...Object.fromEntries(
      Object.values(sheets).map((body, i) => [`xl/sheets/${i}.xml`, `<worksheet xmlns="${MAIN}">${body}</worksheet>`]),
    ),
    ...(shared === undefined ? {} : { "xl/shared.xml": `<sst xmlns="${MAIN}">${shared}</sst>` }),
  };
};

/** A workbook as bytes. */
export const workbook = (book: Workbook): Buffer => zipped(partsOf(book));

/** The XML of rows of texts and numbers; a cell that begins with `<` is the inside of a row as it stands. */
export const rowsXml = (rows: readonly (readonly (string | number)[])[]): string =>
  `<sheetData>${rows.map((cells) => `<row>${cells.map(cellXml).join("")}</row>`).join("")}</sheetData>`;

const cellXml = (cell: string | number): string => {
  if (typeof cell === "number") return `<c><v>${cell}</v></c>`;
  return cell.startsWith("<c") ? cell : `<c t="inlineStr"><is><t>${cell}</t></is></c>`;
};
