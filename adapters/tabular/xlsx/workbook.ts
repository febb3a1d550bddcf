import { lookup } from "../fold.ts";
import { XlsxFault } from "./fault.ts";
import { readTexts } from "./texts.ts";
import { readWholeXml } from "./xml.ts";
import { openZip, type Zip } from "./zip.ts";

/** The first year of the numbers of days. */
export type Epoch = 1900 | 1904;

/** One sheet of a workbook. `texts`: those that its cells share. */
export type Sheet = {
  readonly name: string;
  readonly part: string;
  readonly zip: Zip;
  readonly texts: readonly string[];
  readonly epoch: Epoch;
};

/** Opens the sheet of a name; without one the workbook's only sheet. @throws {XlsxFault} */
export const openSheet = async (path: string, wanted: string | undefined): Promise<Sheet> => {
  const zip = await openZip(path);
  const workbook = await workbookPart(zip);
  const links = await linksOf(zip, workbook);
  let epoch: Epoch = 1900;
  const sheets: { readonly name: string; readonly part: string }[] = [];
  await readWholeXml(workbook, zip.part(workbook), {
    open(name, attribute) {
      if (name === "workbookPr" && /^(1|true)$/.test(attribute("date1904") ?? "")) epoch = 1904;
      if (name !== "sheet") return;
      const link = links.get(attribute("id") ?? "");
      if (link?.type === "worksheet") sheets.push({ name: attribute("name") ?? "", part: link.part });
    },
  });
  const sheet = chosen(sheets, wanted);
  const shared = [...links.values()].find(({ type }) => type === "sharedStrings");
  const texts = shared === undefined || !zip.has(shared.part) ? [] : await readTexts(zip, shared.part);
  return { ...sheet, zip, texts, epoch };
};

const chosen = <T extends { readonly name: string }>(sheets: readonly T[], wanted: string | undefined): T => {
  const names = sheets.map(({ name }) => name);
  const there = names.map((name) => JSON.stringify(name)).join(", ");
  if (wanted === undefined) {
    const [only, ...others] = sheets;
    if (only !== undefined && others.length === 0) return only;
    throw new XlsxFault(`wanted \`sheet\`, since the workbook has several, got none; there are ${there}`);
  }
  const name = lookup(names)(wanted);
  const found = sheets.find((sheet) => sheet.name === name);
  if (found === undefined) {
    throw new XlsxFault(`wanted a sheet of the workbook, got ${JSON.stringify(wanted)}; there are ${there}`);
  }
  return found;
};

type Link = { readonly type: string; readonly part: string };

const workbookPart = async (zip: Zip): Promise<string> =>
  [...(await linksOf(zip, "")).values()].find(({ type }) => type === "officeDocument")?.part ?? "xl/workbook.xml";

/** The parts that a part refers to, by the ids that it uses; the types end alike in all editions of the standard. */
const linksOf = async (zip: Zip, part: string): Promise<ReadonlyMap<string, Link>> => {
  const links = new Map<string, Link>();
  const [folder, file] = [part.slice(0, part.lastIndexOf("/") + 1), part.slice(part.lastIndexOf("/") + 1)];
  const list = `${folder}_rels/${file}.rels`;
  if (!zip.has(list)) return links;
  await readWholeXml(list, zip.part(list), {
    open(name, attribute) {
      if (name !== "Relationship" || attribute("TargetMode") === "External") return;
      const target = attribute("Target") ?? "";
      links.set(attribute("Id") ?? "", {
        type: (attribute("Type") ?? "").split("/").at(-1)!,
        part: target.startsWith("/") ? target.slice(1) : resolved(`${folder}${target}`),
      });
    },
  });
  return links;
};

const resolved = (path: string): string => {
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== ".") steps.push(step);
  }
  return steps.join("/");
};
