import { readFileSync, writeFileSync } from "node:fs";
import { OPTION_PAGES, withOptions } from "./option-tables.ts";

for (const { page, rows } of OPTION_PAGES) writeFileSync(page, withOptions(readFileSync(page, "utf8"), rows()));
