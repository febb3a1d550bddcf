import { cp, rename, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { BankLink } from "../../gateway/banks/link.ts";
import { overHttp } from "../../gateway/banks/over-http.ts";
import { switchFaults } from "../../sandbox/faults.ts";
import { loadNcbn } from "../../sandbox/ncbn/database.ts";
import { serveSubgraph } from "../../subgraphs/serve/server.ts";
import type { SubgraphOptions } from "../../subgraphs/serve/subgraph.ts";
import { authority } from "../certificates.ts";
import { type Certificates, httpProxy } from "../faults/http-proxy.ts";
import { nameOfThisMachine } from "../faults/names.ts";
import { tcpProxy } from "../faults/tcp-proxy.ts";
import { inProcess } from "../gateway/in-process.ts";
import { type Postgres, startPostgres } from "../postgres.ts";
import type { Fault } from "./faults.ts";
import { TLS_YAML, type Town } from "./house.ts";

/** The way to one bank, with everything that may go wrong on it. */
export type Way = AsyncDisposable & {
  readonly link: BankLink;
  /** Makes this go wrong, and nothing else; null: nothing. */
  readonly set: (fault: Fault | null) => Promise<void>;
  /** Connections on the way that are open now. */
  readonly open: () => number;
};

/** One kind of local API, or of link, and the bank of the sandbox that stands for it. */
export type Edge = {
  readonly bank: string;
  readonly others: readonly [string, string];
  /** What its bank.yaml warrants. */
  readonly bound: { readonly donors: number; readonly samples: number };
  /** The bank has to be asked over this edge which release is current: an answer that is known becomes STALE. */
  readonly leaseComesBy: boolean;
  /** `secure`: over TLS, where the kind can be asked over HTTP. */
  readonly way: (town: Town, options?: SubgraphOptions, secure?: boolean) => Promise<Way>;
};

const NAME = "bank.chaos.test";

const AUTHORITY = authority("Chaos");
/** The authority that the banks of a town trust. */
export const { ca: TRUSTED } = AUTHORITY;
const CERTIFICATES: Certificates = {
  good: AUTHORITY.issue([NAME]),
  untrusted: authority("Stranger").issue([NAME]),
  expired: AUTHORITY.issue([NAME], [-9, -1]),
  "of another host": AUTHORITY.issue(["other.chaos.test"]),
};

type Aimed = (origin: string, rest: string, town: Town, options?: SubgraphOptions, yaml?: string) => Promise<BankLink>;

/** @param aimed makes the link, led to the proxy at this origin */
const byHttp =
  (bank: string, url: (town: Town) => string, aimed: Aimed) =>
  async (town: Town, options?: SubgraphOptions, secure = false): Promise<Way> => {
    const target = new URL(url(town));
    const proxy = await httpProxy(target.origin, secure ? CERTIFICATES : undefined);
    const name = nameOfThisMachine(NAME);
    const origin = `${secure ? "https" : "http"}://${NAME}:${proxy.port}`;
    const link = await aimed(origin, target.pathname, town, options, secure ? TLS_YAML : undefined);
    return {
      link,
      open: proxy.open,
      async set(fault) {
        switchFaults(town.faults[bank]!, fault?.lies === undefined ? {} : { wrongCount: fault.lies });
        name.exists(fault?.dns !== "gone");
        // A name that is gone is asked for only by those who have no connection yet.
        if (fault?.dns === "gone") await proxy.set({ kind: "reset" });
        await proxy.set(fault?.http ?? { kind: "pass" });
      },
      async [Symbol.asyncDispose]() {
        switchFaults(town.faults[bank]!, {});
        await proxy[Symbol.asyncDispose]();
        name[Symbol.dispose]();
      },
    };
  };

const localHttp = (bank: string, variable: "ODAN_TMM_URL" | "ODAN_CANCER_URL" | "ODAN_RARE_URL") =>
  byHttp(
    bank,
    ({ env }) => env[variable],
    async (origin, rest, town, options, yaml) =>
      inProcess(await town.bank(bank, { [variable]: `${origin}${rest}` }, options, yaml)),
  );

/** TMM as a process of its own would be: its subgraph serves HTTP, and is asked over the proxy. */
const remote = async (town: Town, options?: SubgraphOptions): Promise<Way> => {
  const served = await serveSubgraph(await town.bank("tmm", {}, options), {
    port: 0,
    host: "127.0.0.1",
    hosts: [NAME],
    isToken: () => false,
    fault: () => undefined,
  });
  const way = await byHttp(
    "tmm",
    () => served.url,
    async (origin, rest) => overHttp([new URL(`${origin}${rest}`)]),
  )(town);
  return {
    ...way,
    async [Symbol.asyncDispose]() {
      await way[Symbol.asyncDispose]();
      await served.close();
    },
  };
};

let server: Promise<Postgres> | undefined;
let database: Promise<string> | undefined;
/** One server and one loaded database for all cells of a file. */
const ncbn = (): Promise<string> =>
  (database ??= (async () => {
    server ??= startPostgres();
    const url = await (await server).newDatabase();
    await loadNcbn(url, 0.002);
    return url;
  })());
export const stopPostgres = async (): Promise<void> => (await server)?.[Symbol.asyncDispose]();

const KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'odan'";

const postgres = async (town: Town, options?: SubgraphOptions): Promise<Way> => {
  const url = new URL(await ncbn());
  const direct = url.href;
  const proxy = await tcpProxy(Number(url.port));
  const noise = await httpProxy("http://127.0.0.1:9");
  url.port = String(proxy.port);
  const admin = new pg.Client({ connectionString: direct });
  await admin.connect();
  let killing: NodeJS.Timeout | undefined;
  let locked = false;
  const lift = async (): Promise<void> => {
    clearInterval(killing);
    if (locked) await admin.query("ROLLBACK");
    locked = false;
  };
  return {
    link: inProcess(await town.bank("ncbn", { ODAN_NCBN_URL: url.href, ODAN_NCBN_CANCEL: "request" }, options)),
    open: proxy.open,
    async set(fault) {
      await lift();
      proxy.aim(Number(new URL(direct).port));
      if (fault?.sql === "locked") {
        await admin.query("BEGIN; LOCK TABLE cdm.person, cdm.cdm_source IN ACCESS EXCLUSIVE MODE");
        locked = true;
      }
      if (fault?.sql === "killed") killing = setInterval(() => void admin.query(KILL).catch(() => undefined), 5);
      if (fault?.sql === "noise") {
        await noise.set({ kind: "garbage", what: "bytes" });
        proxy.aim(noise.port);
      }
      await proxy.set(fault?.tcp ?? { kind: "pass" });
    },
    async [Symbol.asyncDispose]() {
      await lift();
      await admin.end();
      await proxy[Symbol.asyncDispose]();
      await noise[Symbol.asyncDispose]();
    },
  };
};

let copies = 0;
/** BBJ's files, a copy for each cell. */
const files = async (town: Town, options?: SubgraphOptions): Promise<Way> => {
  copies += 1;
  const data = path.join(town.folder, `files-${copies}`);
  const [good, at] = [path.join(town.folder, "bbj.release-1"), path.join(data, "bbj")];
  await cp(good, at, { recursive: true });
  let number = 100;
  const releaseFile = path.join(at, "release.json");
  /** Puts another number in the file's place, never half of one. */
  const change = async (): Promise<void> => {
    number += 1;
    await writeFile(`${releaseFile}.new`, JSON.stringify({ number: String(number), date: "2026-04-01" }));
    await rename(`${releaseFile}.new`, releaseFile);
  };
  const changing = repeated(change, 2);
  return {
    link: inProcess(await town.bank("bbj", { ODAN_DATA: data }, options)),
    open: () => 0,
    async set(fault) {
      await changing.stop();
      await rm(at, { recursive: true, force: true });
      await cp(good, at, { recursive: true });
      if (fault?.files === "missing") await rename(at, `${at}.away-${number++}`);
      if (fault?.files === "cut") await truncate(path.join(at, "donors.parquet"), 200);
      if (fault?.files === "garbage") await writeFile(path.join(at, "donors.parquet"), "no Parquet");
      if (fault?.files === "no announcement") await writeFile(releaseFile, '{"number":');
      if (fault?.files === "changing") await changing.start();
    },
    async [Symbol.asyncDispose]() {
      await changing.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
};

/** Does something again and again. It was done once when `start` resolves, and is over when `stop` does. */
const repeated = (act: () => Promise<void>, everyMs: number) => {
  let stopped = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const run = async (signal: AbortSignal): Promise<void> => {
    for (; !signal.aborted; await act()) await sleep(everyMs);
  };
  return {
    async start() {
      await act();
      stopped = new AbortController();
      running = run(stopped.signal);
    },
    async stop() {
      stopped.abort();
      await running;
    },
  };
};

const TMM = {
  bank: "tmm",
  others: ["cancer", "rare"],
  bound: { donors: 160_000, samples: 1_200_000 },
  leaseComesBy: true,
} as const;

export const EDGES: { readonly [edge: string]: Edge } = {
  beacon: { ...TMM, way: localHttp("tmm", "ODAN_TMM_URL") },
  sqon: {
    bank: "cancer",
    others: ["tmm", "rare"],
    bound: { donors: 15_000, samples: 150_000 },
    leaseComesBy: true,
    way: localHttp("cancer", "ODAN_CANCER_URL"),
  },
  fhir: {
    bank: "rare",
    others: ["tmm", "cancer"],
    bound: { donors: 6000, samples: 40_000 },
    leaseComesBy: true,
    way: localHttp("rare", "ODAN_RARE_URL"),
  },
  remote: { ...TMM, way: remote },
  omop: {
    bank: "ncbn",
    others: ["tmm", "cancer"],
    bound: { donors: 110_000, samples: 600_000 },
    leaseComesBy: false,
    way: postgres,
  },
  tabular: {
    bank: "bbj",
    others: ["tmm", "cancer"],
    bound: { donors: 300_000, samples: 2_000_000 },
    leaseComesBy: false,
    way: files,
  },
};
