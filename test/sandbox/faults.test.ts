import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cancerDocuments } from "../../sandbox/cancer/documents.ts";
import { catalogueServer } from "../../sandbox/cancer/server.ts";
import type { BankId } from "../../sandbox/donor.ts";
import { type Faults, faultsOf, switchFaults, WRONG_COUNTS } from "../../sandbox/faults.ts";
import { population, recorded } from "../../sandbox/population.ts";
import { fhirDonor } from "../../sandbox/rare/donors.ts";
import { fhirServer } from "../../sandbox/rare/server.ts";
import { beaconData } from "../../sandbox/tmm/columns.ts";
import { beaconServer } from "../../sandbox/tmm/server.ts";

type Server = {
  readonly faults: Faults;
  listen(port: number): Promise<string>;
  close(): Promise<void>;
};
type Asked = { readonly path: string; readonly init?: RequestInit; readonly count: (body: Body) => unknown };
/** What the servers answer, as far as it is read here. */
type Body = {
  readonly data?: { readonly [kind: string]: { readonly hits: { readonly total: unknown } } };
  readonly responseSummary?: { readonly numTotalResults: unknown };
  readonly total?: unknown;
};

const donorsOf = (bank: BankId) => [...population(bank, { size: 0.002 })].map((donor) => recorded(bank, donor));
const graphql = (kind: string): Asked => ({
  path: "",
  init: {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: `{ ${kind} { hits { total } } }` }),
  },
  count: ({ data }) => data?.[kind]?.hits.total,
});
const beacon = (entry: string): Asked => ({
  path: `${entry}?requestedGranularity=count`,
  count: ({ responseSummary }) => responseSummary?.numTotalResults,
});
const fhir = (type: string): Asked => ({
  path: `/${type}?_summary=count`,
  count: ({ total }) => total,
});

/** Each server, and how its donors and its samples are counted. */
const SERVERS: readonly (readonly [name: string, make: () => Server, donors: Asked, samples: Asked])[] = [
  ["the Beacon", () => beaconServer(beaconData(donorsOf("tmm"))), beacon("individuals"), beacon("biosamples")],
  ["the catalogue", () => catalogueServer(cancerDocuments(donorsOf("cancer"))), graphql("donor"), graphql("sample")],
  ["FHIR", () => fhirServer(donorsOf("rare").map(fhirDonor)), fhir("Patient"), fhir("Specimen")],
];

describe.each(SERVERS)("%s", (_, make, donors, samples) => {
  const server = make();
  let url: string;
  beforeAll(async () => {
    url = await server.listen(0);
  });
  afterAll(() => server.close());

  const ask = ({ path, init = {} }: Asked, signal = AbortSignal.timeout(60_000)) =>
    fetch(`${url}${path}`, { ...init, signal });
  const count = async (asked: Asked) => asked.count((await (await ask(asked)).json()) as Body);
  /** Why an answer cannot be had, of what is thrown and what that was caused by. */
  const failure = async (asking: Promise<unknown>): Promise<string> => {
    const error = await asking.then(
      () => new Error("it answered"),
      (reason: Error) => reason,
    );
    return `${error.name} ${error.message} ${(error.cause as { code?: string } | undefined)?.code}`;
  };

  test("goes wrong in each way by its name, and is well after none", async () => {
    const whole = [await count(donors), await count(samples)] as readonly number[];
    expect(whole.every((number) => Number.isInteger(number) && number > 0)).toBe(true);
    const switched = async <T>(text: string, asking: () => Promise<T>): Promise<T> => {
      switchFaults(server.faults, faultsOf(text));
      return asking();
    };
    const refusal = async () => {
      const { status, headers } = await ask(donors);
      return [status, headers.get("retry-after")];
    };
    const page = async () => {
      const { headers, status } = await ask(donors);
      return [status, headers.get("content-type")];
    };
    expect(await switched("down", () => failure(ask(donors)))).toContain("ECONNRESET");
    expect(await switched("half-open", () => failure(ask(donors, AbortSignal.timeout(200))))).toContain("TimeoutError");
    expect(await switched("slow=60000", () => failure(ask(donors, AbortSignal.timeout(200))))).toContain(
      "TimeoutError",
    );
    expect(await switched("slow=1", () => count(donors))).toBe(whole[0]);
    expect(await switched("garbage", async () => failure((await ask(donors)).json()))).toContain("SyntaxError");
    expect((await switched("garbage", page))[1]).toMatch(/^application\/(fhir\+)?json$/);
    expect(await switched("page", page)).toEqual([200, "text/html"]);
    expect(await switched("cut", async () => failure((await ask(donors)).text()))).toContain("terminated");
    expect(await switched("busy=7", refusal)).toEqual([503, "7"]);
    expect(await switched("too-many=9", refusal)).toEqual([429, "9"]);
    expect(await switched("refuses", refusal)).toEqual([401, null]);
    expect(await switched("wrong-counts", () => count(donors))).toBe(-whole[0]! - 1);
    expect(await switched("wrong-counts=huge", () => count(samples))).toBe(1e15);
    expect(await switched("wrong-counts=impossible", () => count(donors))).toBe(whole[0]);
    expect(await switched("wrong-counts=impossible", () => count(samples))).toBe(0);
    expect(await switched("none", async () => [await count(donors), await count(samples)])).toEqual(whole);
    expect(server.faults).toEqual({});
  });

  test("drips a byte at a time", async () => {
    switchFaults(server.faults, faultsOf("drip=60000"));
    const stop = new AbortController();
    const { body, status } = await ask(donors, stop.signal);
    const { value } = await body!.getReader().read();
    expect([status, Buffer.from(value!).toString()]).toEqual([200, "{"]);
    stop.abort();
    switchFaults(server.faults, faultsOf("drip=0"));
    expect(await count(donors)).toBeGreaterThan(0);
    switchFaults(server.faults, {});
  });

  test("refuses connections while it is closed, and serves again on the same port", async () => {
    const port = Number(new URL(url).port);
    // A connection of its own: those that fetch keeps would end otherwise.
    const connecting = () => once(connect(port, "127.0.0.1"), "connect");
    await server.close();
    await expect(connecting()).rejects.toThrow("ECONNREFUSED");
    expect(await server.listen(port)).toBe(url);
    await connecting();
    expect(await count(donors)).toBeGreaterThan(0);
  });
});

test("every wrong count is one that no bank can have", () => {
  const told = Object.entries(WRONG_COUNTS).map(([name, wrong]) => [name, wrong(12, "donor"), wrong(12, "Specimen")]);
  expect(told).toEqual([
    ["negative", -13, -13],
    ["huge", 1e15, 1e15],
    ["fraction", 12.5, 12.5],
    ["text", "many", "many"],
    ["impossible", 12, 0],
  ]);
});

test.each(["slowly", "slow=soon", "wrong-counts=odd", "constructor", ""])("a switch that there is not: %s", (text) => {
  expect(() => faultsOf(text)).toThrow(
    `wanted one of none, slow, down, half-open, garbage, page, cut, drip, busy, too-many, refuses, wrong-counts (slow=ms, drip=ms, busy=seconds, wrong-counts=negative|huge|fraction|text|impossible), got ${text}`,
  );
});
