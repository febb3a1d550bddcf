import { describeBankAdapter } from "./conformance.ts";
import { FIXTURE } from "./fixture.ts";
import { documentsOf, openSqon, startCatalogue } from "./sqon-bank.ts";

describeBankAdapter("sqon", {
  async open() {
    const { server, url } = await startCatalogue(FIXTURE);
    return {
      adapter: await openSqon(url),
      publish: async (donors) => server.publish(documentsOf(donors), { release: "2", date: "2026-07-01" }),
      async spoil() {
        server.faults.wrongCount = () => undefined;
      },
      connections: async () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length,
      close: () => server.close(),
    };
  },
});
