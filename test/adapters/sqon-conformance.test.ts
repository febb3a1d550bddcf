import { describeBankAdapter } from "./conformance.ts";
import { FIXTURE } from "./fixture.ts";
import { benchOf, SECOND } from "./kit-bank.ts";
import { documentsOf, openSqon, startCatalogue } from "./sqon-bank.ts";

describeBankAdapter("sqon", {
  async open() {
    const { server, url } = await startCatalogue(FIXTURE);
    return benchOf(await openSqon(url), [server], (one, donors) =>
      one.publish(documentsOf(donors), { release: SECOND.number, date: SECOND.date }),
    );
  },
});
