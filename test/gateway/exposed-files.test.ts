import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { warnOfExposed } from "../../gateway/secrets/exposed-files.ts";
import { newFolder } from "../folder.ts";
import { memoryLog } from "./fake-subgraph.ts";

// A token file of mode 0644 was read without a word.
test("a file of secrets that others may read or write is told, with its setting and mode and not what it holds", async () => {
  const folder = await newFolder();
  const file = join(folder, "token");
  await writeFile(file, "hush");
  const { log, lines } = memoryLog();
  for (const mode of [0o600, 0o400, 0o644, 0o640, 0o604, 0o622]) {
    await chmod(file, mode);
    await warnOfExposed(
      { ODAN_OPERATOR_TOKEN_FILE: file, ODAN_KEY_FILE: null, ODAN_TLS_KEY_FILE: join(folder, "x") },
      log,
    );
  }
  expect(lines.map(({ level, setting, mode }) => [level, setting, mode])).toEqual(
    ["0644", "0640", "0604", "0622"].map((mode) => [40, "ODAN_OPERATOR_TOKEN_FILE", mode]),
  );
  expect(JSON.stringify(lines)).not.toContain("hush");
});
