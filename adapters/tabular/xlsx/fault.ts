/** What is wrong with a workbook, and where: `sheet "検体", cell C7: wanted X, got Y`. Quotes no value of a cell. */
export class XlsxFault extends Error {
  override readonly name = "XlsxFault";

  constructor(message: string) {
    super(message);
  }
}
