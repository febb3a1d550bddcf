import { runCommand } from "./command.ts";
import { bankOf, order } from "./control.ts";
import { faultsOf } from "./faults.ts";
import { folderOf } from "./settings.ts";

/** `npm run sandbox:fault -- <bank> <fault>`: switches on a fault of a running bank; `none` switches it off. */
await runCommand("sandbox:fault", async ([name, fault = "none"]) => {
  const bank = bankOf(name);
  faultsOf(fault);
  await order(folderOf(), bank, { fault });
  console.log(`${bank}: ${fault === "none" ? "well" : fault}`);
});
