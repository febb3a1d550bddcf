import { SaxesParser } from "saxes";
import { XlsxFault } from "./fault.ts";

/** What is called for the elements of a document; names are without their prefix, as are those of attributes. */
export type XmlHandler = {
  readonly open?: (name: string, attribute: (name: string) => string | undefined) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
};

/** Reads XML from its bytes, and yields after each piece of them. @throws {XlsxFault} where it is none */
export async function* readXml(part: string, bytes: AsyncIterable<Buffer>, handler: XmlHandler): AsyncIterable<void> {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  const fail = (): never => {
    throw new XlsxFault(`wanted XML in ${part}, got something else`);
  };
  parser.on("error", fail);
  parser.on("opentag", ({ name, attributes }) => {
    handler.open?.(localName(name), (wanted) => {
      const plain = attributes[wanted];
      if (plain !== undefined) return plain;
      const key = Object.keys(attributes).find((each) => localName(each) === wanted && !each.startsWith("xmlns"));
      return key === undefined ? undefined : attributes[key];
    });
  });
  parser.on("text", (text) => handler.text?.(text));
  parser.on("cdata", (text) => handler.text?.(text));
  parser.on("closetag", ({ name }) => handler.close?.(localName(name)));
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (chunk?: Buffer): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      return fail();
    }
  };
  for await (const chunk of bytes) {
    parser.write(decoded(chunk));
    yield;
  }
  parser.write(decoded());
  parser.close();
  yield;
}

/** Reads XML to its end. @throws {XlsxFault} */
export const readWholeXml = async (part: string, bytes: AsyncIterable<Buffer>, handler: XmlHandler): Promise<void> => {
  for await (const _ of readXml(part, bytes, handler));
};

const localName = (name: string): string => name.slice(name.indexOf(":") + 1);
