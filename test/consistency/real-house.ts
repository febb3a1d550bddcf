import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type TcpProxy, tcpProxy } from "../faults/tcp-proxy.ts";
import { bankYaml, DATE, writeRelease } from "./real-bank.ts";
import { type RealProcess, realProcess } from "./real-process.ts";

/** One bank as a process of its own, over files that are made. */
export type RealBank = {
  readonly id: string;
  readonly announced: boolean;
  readonly process: RealProcess;
  /** Writes a release's files without announcing it. */
  readonly load: (release: number) => Promise<void>;
  /** Restarts it and points every proxy at it. */
  readonly revive: () => Promise<void>;
  /** The proxies in front of it, one for each gateway. */
  readonly links: readonly TcpProxy[];
};

export type RealGateway = {
  readonly process: RealProcess;
  /** The proxy between it and Redis. */
  readonly redis: TcpProxy | null;
};

export type RealHouse = AsyncDisposable & {
  readonly banks: readonly RealBank[];
  readonly gateways: readonly RealGateway[];
};

export type HouseOptions = {
  readonly banks: readonly { readonly id: string; readonly announced: boolean; readonly staleMs: number }[];
  readonly gateways: number;
  readonly leaseMs: number;
  /** Port of Redis; null: each gateway has its memory. */
  readonly redis: number | null;
};

const TOKEN = "an-operator-of-all-these-banks";

/** Gateways and banks in processes of their own, with a proxy on every connection between them. */
export const realHouse = async ({ banks, gateways, leaseMs, redis }: HouseOptions): Promise<RealHouse> => {
  const root = await mkdtemp(join(tmpdir(), "odan-real-"));
  const owned: AsyncDisposable[] = [];
  const own = <T extends AsyncDisposable>(made: T): T => {
    owned.push(made);
    return made;
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(owned.map((each) => each[Symbol.asyncDispose]()));
    await rm(root, { recursive: true, force: true });
  };
  try {
    await writeFile(join(root, "token"), TOKEN, { mode: 0o600 });
    const common = { ODAN_OPERATOR_TOKEN_FILE: join(root, "token"), ODAN_LEASE_MS: String(leaseMs), ODAN_RATE: "off" };
    const proxy = async (port: number): Promise<TcpProxy> => own(await tcpProxy(port));
    const portOf = (process: RealProcess): number => Number(new URL(process.url()).port);

    const startBank = async ({ id, announced, staleMs }: HouseOptions["banks"][number]): Promise<RealBank> => {
      const folder = join(root, id);
      await mkdir(folder);
      await writeFile(join(folder, "bank.yaml"), bankYaml(id, { announced, staleMs }));
      const load = async (release: number): Promise<void> => (await writeRelease(folder, id, release)).show();
      await load(1);
      const args = ["gateway/cli.ts", "subgraph", join(folder, "bank.yaml")];
      const process = own(await realProcess(id, args, { ...common, ODAN_DATA: join(root, `${id}-state`) }));
      const links = await Promise.all(Array.from({ length: gateways }, () => proxy(portOf(process))));
      const revive = async (): Promise<void> => {
        await process.start();
        for (const link of links) link.aim(portOf(process));
      };
      return { id, announced, process, load, revive, links };
    };
    const housed = await Promise.all(banks.map(startBank));

    const startGateway = async (number: number): Promise<RealGateway> => {
      const link = redis === null ? null : await proxy(redis);
      const env = {
        ...common,
        ODAN_DATA: join(root, "gateways"),
        ODAN_BANKS: housed.map(({ links }) => `http://127.0.0.1:${links[number]!.port}/`).join(","),
        ...(link === null ? {} : { ODAN_REDIS_URL: `redis://127.0.0.1:${link.port}` }),
      };
      return { process: own(await realProcess(`g${number + 1}`, ["gateway/main.ts"], env)), redis: link };
    };
    const doors = await Promise.all(Array.from({ length: gateways }, (_, number) => startGateway(number)));
    return { banks: housed, gateways: doors, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
};

const SEARCH = `query($where: Where!, $snapshot: String, $notBefore: String, $deadlineMs: Int) {
  search(where: $where, snapshot: $snapshot, notBefore: $notBefore, deadlineMs: $deadlineMs, facets: [{ by: SEX }]) {
    complete donors { min max } samples { min max } snapshot { token }
    banks {
      bank { id } status staleSince release { id } donors { min max } samples { min max } problem { code }
      facets { cells { by { value } counts { donors { min max } samples { min max } } } }
    }
  }
}`;
const PUBLISH = `mutation($bank: ID!, $release: ReleaseInput!, $purge: Boolean!) {
  publishRelease(bank: $bank, release: $release, purge: $purge) { id }
}`;

export type Count = { readonly min: number; readonly max: number | null };
export type ShownBank = {
  readonly bank: { readonly id: string };
  readonly status: string;
  readonly staleSince: string | null;
  readonly release: { readonly id: string } | null;
  readonly donors: Count;
  readonly samples: Count;
  readonly problem: { readonly code: string } | null;
  readonly facets: readonly {
    readonly cells: readonly {
      readonly by: { readonly value: string };
      readonly counts: { readonly donors: Count; readonly samples: Count };
    }[];
  }[];
};
export type Shown = {
  readonly complete: boolean;
  readonly donors: Count;
  readonly samples: Count;
  readonly snapshot: { readonly token: string };
  readonly banks: readonly ShownBank[];
};
export type Arguments = {
  readonly where: object;
  readonly snapshot?: string;
  readonly notBefore?: string;
  readonly deadlineMs?: number;
};

/** Asks one gateway. @throws {Error} where the connection fails, and for every GraphQL error. */
export const ask = async (gateway: RealProcess, args: Arguments, signal?: AbortSignal): Promise<Shown> =>
  (await post<{ search: Shown }>(gateway, { query: SEARCH, variables: args }, signal)).search;

/** Asks so many times at once, the gateways in turn. @returns each answer that came, and how often */
export const askAtOnce = async (
  gateways: readonly RealProcess[],
  args: Arguments,
  count: number,
): Promise<readonly { readonly shown: Shown; readonly times: number }[]> => {
  const urls = gateways.map((gateway) => `${gateway.url()}graphql`);
  const given = JSON.stringify({ urls, body: { query: SEARCH, variables: args }, count });
  const crowd = fileURLToPath(new URL("crowd.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", crowd, given]);
  return (JSON.parse(stdout) as [string, number][]).map(([text, times]) => {
    const { data, errors } = JSON.parse(text) as { data?: { search: Shown }; errors?: unknown };
    if (errors !== undefined || data === undefined) throw new Refused(JSON.stringify(errors));
    return { shown: data.search, times };
  });
};

/** Resolves when a bank's process gives a lease. */
export const untilReady = async ({ process }: RealBank): Promise<void> => {
  for (;;) {
    const said = await post<{ lease: object }>(process, { query: "{ lease }" }).catch(() => null);
    if (said !== null && !("failure" in said.lease)) return;
    await sleep(20);
  }
};

/** Publishes by way of one gateway. @returns the release's id */
export const publish = async (
  gateway: RealProcess,
  bank: string,
  release: number,
  { purge = false, signal }: { readonly purge?: boolean; readonly signal?: AbortSignal } = {},
): Promise<string> => {
  const variables = { bank, release: { number: String(release), date: DATE }, purge };
  return (await post<{ publishRelease: { id: string } }>(gateway, { query: PUBLISH, variables }, signal)).publishRelease
    .id;
};

/** A GraphQL error, which no fault of a bank or of Redis may become. */
export class Refused extends Error {
  override readonly name = "Refused";
}

const post = async <T>(gateway: RealProcess, body: object, signal?: AbortSignal): Promise<T> => {
  const response = await fetch(`${gateway.url()}graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  const { data, errors } = (await response.json()) as { data?: T; errors?: unknown };
  if (errors !== undefined || data === undefined) throw new Refused(JSON.stringify(errors));
  return data;
};

/** What one bank's part of an answer says, in the words of `truthOf`; an interval that is no number shows as such. */
export const bodyOf = ({ donors, samples, facets }: ShownBank): string => {
  const number = ({ min, max }: Count): string => (min === max ? String(min) : `${min}..${max}`);
  const counts = (of: { readonly donors: Count; readonly samples: Count }): string =>
    `${number(of.donors)} ${number(of.samples)}`;
  const cell = (value: string): string => {
    const found = facets[0]?.cells.find(({ by }) => by.value === value);
    return found === undefined ? "none" : counts(found.counts);
  };
  return `${counts({ donors, samples })}, ${cell("FEMALE")}, ${cell("MALE")}`;
};

export const releaseOf = ({ release }: ShownBank): number => Number(release?.id.split("@")[1] ?? Number.NaN);
