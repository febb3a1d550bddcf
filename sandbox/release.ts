import { relative } from "node:path";
import { bankOf, order } from "./control.ts";
import { tokenFile } from "./operator.ts";
import { donorsIn } from "./population.ts";
import { RELEASES, releaseOf } from "./releases.ts";
import { folderOf, SettingsError } from "./settings.ts";

/** `npm run sandbox:release -- <bank> [1|2]`: a bank of the running sandbox publishes a release, 2 unless said otherwise. */
const run = async ([name, wanted = "2"]: readonly string[]): Promise<void> => {
  const bank = bankOf(name);
  const release = releaseOf(wanted);
  const folder = folderOf();
  const { size } = await order(folder, bank, { release });
  const { number, date } = RELEASES[release];
  const donors = donorsIn(bank, size, release).toLocaleString("en");
  console.log(`${bank}: release ${number} of ${date}, ${donors} donors`);
  const token = relative(process.cwd(), tokenFile(folder));
  console.log(
    `Announce it to Odan: npm run -s odan -- publish ${bank} --number ${number} --date ${date} --token-file ${token}`,
  );
};

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof RangeError)) throw error;
  console.error(`sandbox:release: ${error.message}`);
  process.exitCode = 1;
}
