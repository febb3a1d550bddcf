import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import pino from "pino";
import { Agent, request } from "undici";
import type { BankLink } from "../../gateway/banks/link.ts";
import { startGateway } from "../../gateway/http/server.ts";
import { bbjFiles } from "../../sandbox/bbj/files.ts";
import { cancerDocuments } from "../../sandbox/cancer/documents.ts";
import { catalogueServer } from "../../sandbox/cancer/server.ts";
import type { BankId } from "../../sandbox/donor.ts";
import type { Faults } from "../../sandbox/faults.ts";
import { population, recorded } from "../../sandbox/population.ts";
import { fhirDonor } from "../../sandbox/rare/donors.ts";
import { fhirServer } from "../../sandbox/rare/server.ts";
import { beaconData } from "../../sandbox/tmm/columns.ts";
import { beaconServer } from "../../sandbox/tmm/server.ts";
import { openBank } from "../../subgraphs/serve/open.ts";
import type { Subgraph, SubgraphOptions } from "../../subgraphs/serve/subgraph.ts";
import type { BankShown } from "../e2e/house.ts";
import { gatewayOf } from "../gateway/fake-subgraph.ts";

/** What a local API may take for an answer. Thirty seconds in the banks' own bank.yaml. */
export const TIMEOUT_MS = 1000;

/** The same bank, asked over TLS. */
export const TLS_YAML = "bank.tls.yaml";
/** The same bank, at the address that ODAN_FIRST_URL names before its own. */
export const TWO_YAML = "bank.two.yaml";

/** The servers and files that the banks of the sandbox ask, small, good, and there for all tests of a file. */
export const openTown = async (ca: string, timeoutMs = TIMEOUT_MS) => {
  const folder = await mkdtemp(path.join(tmpdir(), "odan-chaos-"));
  const donorsOf = (bank: BankId, size: number) => [...population(bank, { size })].map((one) => recorded(bank, one));
  const tmm = beaconServer(beaconData(donorsOf("tmm", 0.002)));
  const cancer = catalogueServer(cancerDocuments(donorsOf("cancer", 0.02)), { maxAliases: 2000 });
  const rare = fhirServer(donorsOf("rare", 0.05).map(fhirDonor));
  const [tmmUrl, cancerUrl, rareUrl] = await Promise.all([tmm.listen(0), cancer.listen(0), rare.listen(0)]);
  await bbjFiles(path.join(folder, "bbj"), 0.001);
  // Read once: the patience of a bank is a line of its bank.yaml.
  for (const id of ["tmm", "cancer", "rare", "ncbn", "bbj"]) {
    await cp(`subgraphs/banks/${id}`, path.join(folder, "banks", id), { recursive: true });
    const file = path.join(folder, "banks", id, "bank.yaml");
    const yaml = (await readFile(file, "utf8")).replace(/timeoutMs: \d+/, `timeoutMs: ${timeoutMs}`);
    await writeFile(file, yaml);
    await writeFile(
      path.join(folder, "banks", id, TLS_YAML),
      yaml.replace(/^ {2}timeoutMs:/m, `  tls: { ca: ca.pem }\n$&`),
    );
    await writeFile(
      path.join(folder, "banks", id, TWO_YAML),
      yaml.replace(/^ {2}url: (".*")$/m, `  url: ["\${ODAN_FIRST_URL:-}", $1]`),
    );
    await writeFile(path.join(folder, "banks", id, "ca.pem"), ca);
  }
  const env = { ODAN_TMM_URL: tmmUrl, ODAN_CANCER_URL: cancerUrl, ODAN_RARE_URL: rareUrl, ODAN_DATA: folder };
  return {
    env,
    folder,
    faults: { tmm: tmm.faults, cancer: cancer.faults, rare: rare.faults } as { readonly [bank: string]: Faults },
    /** A bank of the sandbox; `changed` leads it elsewhere. */
    bank: (id: string, changed: object = {}, options: SubgraphOptions = {}, yaml = "bank.yaml"): Promise<Subgraph> =>
      openBank(path.join(folder, "banks", id, yaml), { ...env, ...changed }, options),
    async [Symbol.asyncDispose]() {
      await Promise.all([tmm.close(), cancer.close(), rare.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
export type Town = Awaited<ReturnType<typeof openTown>>;

export type Shown = Pick<BankShown, "status" | "donors" | "samples"> & {
  readonly bank: { readonly id: string };
  readonly problem: {
    readonly code: string;
    readonly message: { readonly en: string; readonly ja: string };
    readonly retryAfterMs: number | null;
  } | null;
};
export type Answered = {
  readonly banks: { readonly [id: string]: Shown };
  readonly ms: number;
  /** How late the event loop was while it was waited for: this machine may be busy. */
  readonly lateMs: number;
};

const COUNT = "{ min max because }";
const SEARCH = `query($where: Where!, $deadlineMs: Int!) { search(where: $where, deadlineMs: $deadlineMs) { banks {
  bank { id } status donors ${COUNT} samples ${COUNT} problem { code message { en ja } retryAfterMs }
} } }`;

/** A gateway before these banks, on a real socket. */
export const openHouse = async (links: readonly BankLink[]) => {
  const gateway = await startGateway({
    port: 0,
    host: "127.0.0.1",
    cors: [],
    deadlineMs: 20_000,
    ...gatewayOf([]),
    banks: links,
    log: pino({ level: "silent" }),
  });
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const loop = monitorEventLoopDelay({ resolution: 10 });
  return {
    /** Errors throw: what goes wrong with a bank is never one. */
    async ask(where: object, deadlineMs: number): Promise<Answered> {
      loop.enable();
      loop.reset();
      const started = performance.now();
      const { body } = await request(`${gateway.url}/graphql`, {
        dispatcher,
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: SEARCH, variables: { where, deadlineMs } }),
      });
      const { data, errors } = (await body.json()) as { data: { search: { banks: Shown[] } }; errors?: unknown };
      const ms = performance.now() - started;
      const lateMs = loop.max / 1e6;
      loop.disable();
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return { banks: Object.fromEntries(data.search.banks.map((one) => [one.bank.id, one])), ms, lateMs };
    },
    async [Symbol.asyncDispose]() {
      loop.disable();
      await gateway.close();
      await dispatcher.destroy();
    },
  };
};
