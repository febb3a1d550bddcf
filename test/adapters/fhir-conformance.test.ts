import { describeBankAdapter } from "./conformance.ts";
import { fhirDonorsOf, openFhir, startFhir } from "./fhir-bank.ts";
import { FIXTURE } from "./fixture.ts";

describeBankAdapter("fhir", {
  async open() {
    const { server, url } = await startFhir(FIXTURE);
    return {
      adapter: await openFhir(url),
      publish: async (donors) => server.publish(fhirDonorsOf(donors), { number: "2", date: "2026-07-01" }),
      async spoil() {
        server.faults.wrongCount = () => undefined;
      },
      connections: async () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length,
      close: () => server.close(),
    };
  },
});
