import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";

/** Reads a CSV file of this folder. Each row has the columns that `read` takes, as text; empty where there is no value. */
export const diseaseTable = <Row>(file: string, read: (row: Readonly<Record<string, string>>) => Row): readonly Row[] =>
  parse<Record<string, string>>(readFileSync(new URL(file, import.meta.url)), { columns: true, comment: "#" }).map(
    read,
  );

/** Reads codes with weights, such as `E11*3 E14`; the default weight is 1. */
export const weightedCodes = (text = ""): readonly (readonly [code: string, weight: number])[] =>
  text.split(" ").flatMap((item) => {
    const [code = "", weight = "1"] = item.split("*");
    return code === "" ? [] : [[code, Number(weight)] as const];
  });
