import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newFolder } from "../folder.ts";
import { describeBankAdapter } from "./conformance.ts";
import { FIXTURE, MAPPING } from "./fixture.ts";
import { OPTIONS, openTabular, writeBank } from "./tabular-bank.ts";

/** The donors of the fixture lack values, so nothing can be warranted. */
const UNWARRANTED = Object.fromEntries(
  Object.entries(MAPPING).map(([field, said]) => [field, { ...said, complete: false }]),
);

describeBankAdapter("tabular", {
  async open() {
    const folder = await newFolder();
    await writeBank(folder, FIXTURE);
    return {
      adapter: await openTabular(folder, OPTIONS, UNWARRANTED),
      publish: (donors) => writeBank(folder, donors, 2),
      async spoil() {
        await writeBank(folder, FIXTURE, 3);
        await writeFile(join(folder, "samples.csv"), "nothing of the kind\n1\n");
      },
      connections: async () => 0,
      close: async () => {},
    };
  },
});
