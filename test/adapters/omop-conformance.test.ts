import { afterAll, beforeAll } from "vitest";
import { omop } from "../../adapters/omop.ts";
import { type Postgres, startPostgres } from "../postgres.ts";
import { type Bench, describeBankAdapter } from "./conformance.ts";
import { FIXTURE, MAPPING } from "./fixture.ts";
import { openAdapter } from "./kit-bank.ts";
import { ABSENT, connect, OPTIONS, sessions, writeCdm } from "./omop-bank.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

/** Specimens that the watch over the data can read, and no count. */
const ONLY_WATCHED = `ALTER TABLE cdm.specimen RENAME TO held;
  CREATE VIEW cdm.specimen AS SELECT * FROM cdm.held
    WHERE current_query() LIKE '%hash_record_extended%' OR 1 / (person_id - person_id) > 0`;

const bench = async (announced: boolean): Promise<Bench> => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(client, FIXTURE);
  const mapping = { ...MAPPING, ...ABSENT };
  return {
    adapter: await openAdapter({ kind: omop, options: { url, ...OPTIONS }, mapping, announced }),
    publish: (donors) => writeCdm(client, donors, 2),
    async spoil() {
      await client.query(announced ? "DROP TABLE cdm.specimen" : ONLY_WATCHED);
    },
    connections: () => sessions(client),
    close: async () => {},
  };
};

describeBankAdapter("omop", { open: () => bench(true) });

describeBankAdapter("omop without announcements", { open: () => bench(false) });
