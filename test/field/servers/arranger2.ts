import path from "node:path";
import { fileURLToPath } from "node:url";
import { arrangerBank, documentsOf, INDICES } from "./arranger-data.ts";
import { install } from "./arranger3.ts";
import { startSearchEngine } from "./opensearch.ts";
import { CACHE, type FieldServerKind, startProgram } from "./server.ts";

const HOST = fileURLToPath(new URL("arranger2-host.mjs", import.meta.url));
const VERSION = "2.19.4";
const PROJECT = "field";

/** Arranger 2 as npm has it, over OpenSearch: one endpoint for a project, whose types stand in the engine. */
export const arranger2: FieldServerKind = {
  name: "arranger2",

  async start(donors) {
    const folder = path.join(CACHE, `arranger-${VERSION}`);
    await install(folder, `@arranger/server@${VERSION}`);
    const engine = await startSearchEngine();
    const documents = documentsOf(donors);
    await engine.load("donors", INDICES.donors, documents.donors);
    await engine.load("samples", INDICES.samples, documents.samples);
    await engine.load("arranger-projects", { id: { type: "keyword" } }, [{ id: PROJECT, active: true }]);
    const typed = (index: "donors" | "samples", name: string) => ({
      index,
      name,
      esType: index,
      config: { extended: extended(INDICES[index], "") },
    });
    const types = [typed("donors", "donor"), typed("samples", "sample")];
    await engine.load(`arranger-projects-${PROJECT}`, { config: { type: "object", enabled: false } }, types);
    const given = [HOST, folder, engine.url, PROJECT];
    const { said, stop } = await startProgram(process.execPath, given, /serving \w+ (\d+)/, { cwd: folder });
    return {
      version: `@arranger/server ${VERSION}, OpenSearch 2.19.6`,
      urls: { project: `http://127.0.0.1:${said[1]}/${PROJECT}` },
      async stop() {
        await stop();
        await engine.stop();
      },
    };
  },

  bankYaml: ({ project }) =>
    arrangerBank(`  url: ${project}/graphql
  spelling: field
  release: { id: "1", date: "2026-04-01" }`),
};

type Properties = { readonly [name: string]: { readonly type?: string; readonly properties?: Properties } };

/** The fields as a project lists them. */
const extended = (properties: Properties, below: string): readonly object[] =>
  Object.entries(properties).flatMap(([name, { type = "object", properties: inner = {} }]) => [
    { field: `${below}${name}`, type },
    ...extended(inner, `${below}${name}.`),
  ]);
