import { bankOf, order } from "./control.ts";
import { faultsOf } from "./faults.ts";
import { folderOf, SettingsError } from "./settings.ts";

/** `npm run sandbox:fault -- <bank> <fault>`: lets the server of a running bank go wrong, until it is told `none`. */
const run = async ([name, fault = "none"]: readonly string[]): Promise<void> => {
  const bank = bankOf(name);
  faultsOf(fault);
  await order(folderOf(), bank, { fault });
  console.log(`${bank}: ${fault === "none" ? "well" : fault}`);
};

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof RangeError)) throw error;
  console.error(`sandbox:fault: ${error.message}`);
  process.exitCode = 1;
}
