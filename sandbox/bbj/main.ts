import { join } from "node:path";
import { reportReady } from "../child.ts";
import { releaseOf } from "../releases.ts";
import { readSettings } from "../settings.ts";
import { bbjFiles } from "./files.ts";

/** BBJ's export, in a process of its own: the files are all that the bank offers, so it ends when they are there. */
const { folder, size } = readSettings();
const at = join(folder, "bbj");
reportReady({ at, built: await bbjFiles(at, size, releaseOf(process.argv[2])) });
