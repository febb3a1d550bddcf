import { describeBankAdapter } from "./conformance.ts";
import { fhirDonorsOf, openFhir, startFhir } from "./fhir-bank.ts";
import { FIXTURE } from "./fixture.ts";
import { benchOf, SECOND } from "./kit-bank.ts";

describeBankAdapter("fhir", {
  async open() {
    const { server, url } = await startFhir(FIXTURE);
    return benchOf(await openFhir(url), [server], (one, donors) => one.publish(fhirDonorsOf(donors), SECOND));
  },
});
