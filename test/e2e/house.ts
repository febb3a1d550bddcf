import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pino from "pino";
import { startGateway } from "../../gateway/http/server.ts";
import { bbjFiles } from "../../sandbox/bbj/files.ts";
import { exitOf, startChild, whenReady } from "../../sandbox/child.ts";
import type { BankId } from "../../sandbox/donor.ts";
import { population, recorded } from "../../sandbox/population.ts";
import type { ReleaseNumber } from "../../sandbox/releases.ts";
import { beaconData } from "../../sandbox/tmm/columns.ts";
import { beaconServer } from "../../sandbox/tmm/server.ts";
import { openBank } from "../../subgraphs/serve/open.ts";
import { gatewayOf } from "../gateway/fake-subgraph.ts";
import type { World } from "../oracle.ts";

/** The sandbox's TMM and BBJ at a small size and a gateway before them, all on real sockets and files. */
export const openHouse = async (size: number) => {
  const folder = await mkdtemp(path.join(tmpdir(), "odan-e2e-"));
  const tmm = beaconServer(beaconData(donorsOf("tmm", size)));
  const [url] = await Promise.all([tmm.listen(0), bbjFiles(path.join(folder, "bbj"), size)]);
  const gateway = await openGateway(["tmm", "bbj"].map(fileOf), { ODAN_TMM_URL: url, ODAN_DATA: folder });
  return {
    ...gateway,
    tmm,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await tmm.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** The banks of the sandbox that do not code in ICD-10 alone, or lose what the truth has, each at a size of its own. */
export type ClinicSizes = { readonly [Bank in "ncbn" | "cancer" | "rare"]: number };

/** NCBN in PGlite, the cancer catalogue and the rare-disease FHIR server in processes of their own, and a gateway before them. */
export const openClinics = async (sizes: ClinicSizes) => {
  const folder = await mkdtemp(path.join(tmpdir(), "odan-e2e-"));
  const children = Object.entries(sizes).map(([bank, size]) =>
    startChild(`sandbox/${bank}/main.ts`, {
      ODAN_DATA: folder,
      ODAN_SIZE: String(size),
      PORT: "0",
      ODAN_POSTGRES_URL: "",
    }),
  );
  const stop = async () => {
    for (const child of children) child.kill("SIGTERM");
    await Promise.all(children.map(exitOf));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const places = await Promise.all(children.map(whenReady));
    const urls = Object.keys(sizes).map((bank, i) => [`ODAN_${bank.toUpperCase()}_URL`, places[i]!.at]);
    const gateway = await openGateway(Object.keys(sizes).map(fileOf), Object.fromEntries(urls));
    // The tables of diseases are put together with the first question, and on a slow machine connections close meanwhile.
    await gateway.ask(SEARCH, { where: { disease: { codes: ["ICD10:E11", "ORPHA:803", "ONCOTREE:LUAD"] } } });
    return {
      ...gateway,
      async [Symbol.asyncDispose]() {
        await gateway.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

const fileOf = (bank: string): string => `subgraphs/banks/${bank}/bank.yaml`;

/** A gateway before the banks of these bank.yaml files. */
export const openGateway = async (files: readonly string[], env: { readonly [name: string]: string }) => {
  const log = pino({ level: "silent" });
  const subgraphs = await Promise.all(files.map((file) => openBank(file, env)));
  const gateway = await startGateway({
    port: 0,
    host: "127.0.0.1",
    cors: [],
    deadlineMs: 20_000,
    ...gatewayOf(subgraphs),
    log,
  });
  /** The answer with its errors, as it came. */
  const send = async <T>(query: string, variables: object = {}): Promise<Sent<T>> => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Sent<T>;
  };
  /** The data of an answer; errors throw. */
  const ask = async <T>(query: string, variables: object = {}): Promise<T> => {
    const { data, errors } = await send<T>(query, variables);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  };
  return { url: gateway.url, close: () => gateway.close(), ask, send };
};

type Sent<T> = {
  readonly data: T;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly [key: string]: unknown } }[];
};

export type House = Awaited<ReturnType<typeof openHouse>>;

function* donorsOf(bank: BankId, size: number) {
  for (const donor of population(bank, { size })) yield recorded(bank, donor);
}

/** The truth about a release of a bank of the sandbox, and what its records lack. */
export const worldOf = (bank: BankId, size: number, release: ReleaseNumber = 1): World =>
  [...population(bank, { size, release })].map((truth) => {
    const record = recorded(bank, truth);
    const missing = (fields: readonly (readonly [string, unknown])[]): ReadonlySet<string> =>
      new Set(fields.filter(([, v]) => v === null || (Array.isArray(v) && v.length === 0)).map(([field]) => field));
    return {
      truth,
      unrecorded: {
        donor: missing([
          ["SEX", record.sex],
          ["DISEASE", record.diagnoses],
          ["PROGRAMME", record.programmes],
          ["DATA", record.data],
          ["USE", record.uses],
        ]),
        samples: record.samples.map((sample) =>
          missing([
            ["SAMPLE_ORIGIN", sample.origin],
            // NCBN reckons the age from the day of collection.
            ["AGE_AT_COLLECTION", bank === "ncbn" && sample.year === null ? null : sample.age],
            ["COLLECTED_YEAR", sample.year],
            ["STORAGE", sample.storage],
          ]),
        ),
      },
    };
  });

export type CountShown = {
  readonly min: number;
  readonly max: number | null;
  readonly exact: boolean;
  readonly because: readonly string[];
};
export type BankShown = {
  readonly bank: { readonly id: string };
  readonly status: string;
  readonly donors: CountShown;
  readonly samples: CountShown;
  readonly understanding: readonly {
    readonly verdict: string;
    readonly says: { readonly en: string; readonly ja: string };
  }[];
  readonly problem: { readonly code: string; readonly message: { readonly en: string } } | null;
  readonly facets: readonly {
    readonly cells: readonly {
      readonly by: { readonly value: string };
      readonly counts: { readonly donors: CountShown; readonly samples: CountShown };
    }[];
  }[];
};
export type SearchShown = {
  readonly donors: CountShown;
  readonly samples: CountShown;
  readonly complete: boolean;
  readonly banks: readonly BankShown[];
};

const COUNT = "{ min max exact because }";
export const SEARCH = `query($where: Where!, $facets: [FacetInput!]) {
  search(where: $where, facets: $facets) {
    complete donors ${COUNT} samples ${COUNT}
    banks {
      bank { id } status donors ${COUNT} samples ${COUNT}
      understanding { verdict says { en ja } } problem { code message { en } }
      facets { cells { by { value } counts { donors ${COUNT} samples ${COUNT} } } }
    }
  }
}`;
