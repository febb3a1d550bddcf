import { relative } from "node:path";
import { runCommand } from "./command.ts";
import { bankOf, order } from "./control.ts";
import { operatorToken } from "./operator.ts";
import { donorsIn } from "./population.ts";
import { RELEASES, releaseOf } from "./releases.ts";
import { folderOf } from "./settings.ts";

/** `npm run sandbox:release -- <bank> [1|2]`: a bank of the running sandbox publishes a release, 2 unless said otherwise. */
await runCommand("sandbox:release", async ([name, wanted = "2"]) => {
  const bank = bankOf(name);
  const release = releaseOf(wanted);
  const folder = folderOf();
  const { size } = await order(folder, bank, { release });
  const { number, date } = RELEASES[release];
  const donors = donorsIn(bank, size, release).toLocaleString("en");
  console.log(`${bank}: release ${number} of ${date}, ${donors} donors`);
  const token = relative(process.cwd(), await operatorToken(folder, bank));
  console.log(
    `Announce it to Odan: npm run -s odan -- publish ${bank} --number ${number} --date ${date} --token-file ${token}`,
  );
});
