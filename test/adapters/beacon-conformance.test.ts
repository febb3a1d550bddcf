import { beaconDataOf, openBeacon, startBeacon } from "./beacon-bank.ts";
import { describeBankAdapter } from "./conformance.ts";
import { FIXTURE } from "./fixture.ts";

describeBankAdapter("beacon", {
  async open() {
    const { server, url } = await startBeacon(FIXTURE);
    return {
      adapter: await openBeacon(url),
      publish: async (donors) => server.publish(beaconDataOf(donors), { number: "2", date: "2026-07-01" }),
      async spoil() {
        server.faults.wrongCount = () => undefined;
      },
      connections: async () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length,
      close: () => server.close(),
    };
  },
});
