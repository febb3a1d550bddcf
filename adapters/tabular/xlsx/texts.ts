import { XlsxFault } from "./fault.ts";
import { readWholeXml, type XmlHandler } from "./xml.ts";
import type { Zip } from "./zip.ts";

/** Most characters of the texts that the cells of a workbook share. */
const MOST_SHARED = 2 ** 28;

/** The texts that the cells of a workbook share. @throws {XlsxFault} */
export const readTexts = async (zip: Zip, part: string): Promise<readonly string[]> => {
  const texts: string[] = [];
  let length = 0;
  const item = textReader("si", (text) => {
    length += text.length + 16;
    if (length > MOST_SHARED) throw new XlsxFault("wanted at most 256 MB of shared texts, got more");
    texts.push(text);
  });
  await readWholeXml(part, zip.part(part), item);
  return texts;
};

/**
 * Puts together the text of each element of a name from its runs, whatever their style. How it is pronounced (furigana) is no
 * part of it.
 */
export const textReader = (element: string, onText: (text: string) => void): Required<XmlHandler> => {
  let text = "";
  let within = false;
  let isText = false;
  let spoken = 0;
  return {
    open(name) {
      if (name === element) [within, text, spoken] = [true, "", 0];
      else if (name === "rPh") spoken += 1;
      else if (name === "t") isText = within && spoken === 0;
    },
    text(more) {
      if (isText) text += more;
    },
    close(name) {
      if (name === "t") isText = false;
      else if (name === "rPh") spoken -= 1;
      else if (name === element) {
        within = false;
        onText(unescaped(text));
      }
    },
  };
};

/** Characters that XML cannot hold are written as _x000D_. */
export const unescaped = (text: string): string =>
  text.includes("_x")
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text;
