import { afterAll, beforeAll } from "vitest";
import { type Postgres, startPostgres } from "../postgres.ts";
import { describeBankAdapter } from "./conformance.ts";
import { FIXTURE, MAPPING } from "./fixture.ts";
import { ABSENT, connect, OPTIONS, openOmop, sessions, writeCdm } from "./omop-bank.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

describeBankAdapter("omop", {
  async open() {
    const url = await postgres.newDatabase();
    const client = await connect(url);
    await writeCdm(client, FIXTURE);
    return {
      adapter: await openOmop(url, OPTIONS, { ...MAPPING, ...ABSENT }),
      publish: (donors) => writeCdm(client, donors, 2),
      async spoil() {
        await client.query("DROP TABLE cdm.specimen");
      },
      connections: () => sessions(client),
      close: async () => {},
    };
  },
});
