import { beaconDataOf, openBeacon, startBeacon } from "./beacon-bank.ts";
import { describeBankAdapter } from "./conformance.ts";
import { FIXTURE } from "./fixture.ts";
import { benchOf, SECOND } from "./kit-bank.ts";

describeBankAdapter("beacon", {
  async open() {
    const { server, url } = await startBeacon(FIXTURE);
    return benchOf(await openBeacon(url), [server], (one, donors) => one.publish(beaconDataOf(donors), SECOND));
  },
});
