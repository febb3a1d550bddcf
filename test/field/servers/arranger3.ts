import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { arrangerBank, documentsOf, INDICES } from "./arranger-data.ts";
import { exists, startSearchEngine } from "./opensearch.ts";
import { CACHE, type FieldServerKind, run, startProgram } from "./server.ts";

const HOST = fileURLToPath(new URL("arranger3-host.mjs", import.meta.url));
const VERSION = "3.0.4";

/** Overture Arranger 3 as npm has it, over OpenSearch: one endpoint for each kind of documents. */
export const arranger3: FieldServerKind = {
  name: "arranger3",

  async start(donors) {
    const folder = path.join(CACHE, `arranger-${VERSION}`);
    await install(folder, `@overture-stack/arranger-server@${VERSION}`);
    for (const kind of ["donor", "sample"]) {
      await mkdir(path.join(folder, "configs", kind), { recursive: true });
      const settings = JSON.stringify({ documentType: kind, index: `${kind}s` });
      await writeFile(path.join(folder, "configs", kind, "base.json"), settings);
    }
    const engine = await startSearchEngine();
    const documents = documentsOf(donors);
    await engine.load("donors", INDICES.donors, documents.donors);
    await engine.load("samples", INDICES.samples, documents.samples);
    const configs = ["donor", "sample"].map((kind) => path.join(folder, "configs", kind));
    const given = [HOST, folder, engine.url, ...configs];
    const ready = /serving donor (\d+)[\s\S]*serving sample (\d+)/;
    const { said, stop } = await startProgram(process.execPath, given, ready, { cwd: folder });
    const [, donor, sample] = said;
    return {
      version: `arranger-server ${VERSION}, OpenSearch 2.19.6`,
      urls: { donor: `http://127.0.0.1:${donor}`, sample: `http://127.0.0.1:${sample}`, engine: engine.url },
      async stop() {
        await stop();
        await engine.stop();
      },
    };
  },

  bankYaml: ({ donor, sample, engine }) =>
    arrangerBank(`  url: ${donor}/graphql
  release: { engine: "${engine}", index: donors }`).replace(
      "    index: sample\n",
      `    url: ${sample}/graphql\n    index: sample\n`,
    ),
};

/** Installs a package into a folder of its own, unless it is there. */
export const install = async (folder: string, name: string): Promise<void> => {
  if (await exists(path.join(folder, "node_modules"))) return;
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "package.json"), '{ "private": true }');
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps", name], folder);
};
