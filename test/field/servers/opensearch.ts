import { access, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { CACHE, run, startProgram } from "./server.ts";

const HERE = fileURLToPath(new URL("opensearch", import.meta.url));

/** A search engine on loopback. */
export type SearchEngine = {
  readonly url: string;
  /** Makes an index of documents anew. `properties`: the types of its fields. */
  readonly load: (index: string, properties: object, documents: readonly object[]) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Starts OpenSearch 2.19 from its Maven jars. The first time they are fetched, which takes Maven and Java 17. */
export const startSearchEngine = async (): Promise<SearchEngine> => {
  const folder = path.join(CACHE, "opensearch");
  const jars = path.join(folder, "lib");
  if (!(await exists(jars))) {
    await mkdir(folder, { recursive: true });
    await cp(path.join(HERE, "pom.xml"), path.join(folder, "pom.xml"));
    await run("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"], folder);
  }
  const home = await mkdtemp(path.join(tmpdir(), "opensearch-"));
  await mkdir(path.join(home, "config"));
  const port = await freePort();
  const given = ["-Xmx1g", "-cp", path.join(jars, "*"), path.join(HERE, "SearchEngine.java"), home, String(port)];
  const { stop } = await startProgram("java", given, /^started$/m, { cwd: folder });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    async load(index, properties, documents) {
      await call(`${url}/${index}?ignore_unavailable=true`, "DELETE");
      const settings = { number_of_shards: 2, number_of_replicas: 0 };
      await call(`${url}/${index}`, "PUT", JSON.stringify({ settings, mappings: { properties } }));
      const lines = documents.map((each, at) => `{"index":{"_id":"${at}"}}\n${JSON.stringify(each)}\n`);
      if (lines.length > 0) await call(`${url}/${index}/_bulk?refresh=true`, "POST", lines.join(""));
    },
    async stop() {
      await stop();
      await rm(home, { recursive: true, force: true });
    },
  };
};

/** Whether there is such a file or folder. */
export const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

const call = async (url: string, method: string, body?: string): Promise<void> => {
  const headers = { "content-type": url.includes("_bulk") ? "application/x-ndjson" : "application/json" };
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  if (!answer.ok || text.includes('"errors":true'))
    throw new Error(`${method}: wanted success, got ${text.slice(0, 500)}`);
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};
