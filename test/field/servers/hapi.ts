import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { fhirBank, type Resource, resourcesOf, SEARCH_PARAMETERS } from "./fhir-data.ts";
import { exists } from "./opensearch.ts";
import { CACHE, type FieldServerKind, run, startProgram } from "./server.ts";

const HERE = fileURLToPath(new URL("hapi", import.meta.url));
const VERSION = "8.8.0";
const IN_ONE = 500;

/** HAPI FHIR JPA from its Maven jars over H2, with its own defaults. The first time it takes Maven. */
export const hapi: FieldServerKind = {
  name: "hapi",

  async start(donors) {
    const folder = path.join(CACHE, `hapi-${VERSION}`);
    const jars = path.join(folder, "lib", "*");
    if (!(await exists(path.join(folder, "lib")))) {
      await mkdir(folder, { recursive: true });
      await cp(path.join(HERE, "pom.xml"), path.join(folder, "pom.xml"));
      await run("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"], folder);
    }
    const home = await mkdtemp(path.join(tmpdir(), "hapi-"));
    await run("javac", ["-d", home, "-cp", jars, path.join(HERE, "Hapi.java")], folder);
    const first = path.join(home, "first.json");
    await writeFile(first, JSON.stringify(transaction(SEARCH_PARAMETERS)));
    const given = ["-Xmx3g", "-cp", `${home}${path.delimiter}${jars}`, "Hapi", first];
    const { said, stop } = await startProgram("java", given, /^serving (\d+)$/m, { cwd: home });
    const url = `http://127.0.0.1:${said[1]}/fhir`;
    await load(url, resourcesOf(donors));
    return {
      version: `HAPI FHIR JPA ${VERSION}`,
      urls: { fhir: url },
      async stop() {
        await stop();
        await rm(home, { recursive: true, force: true });
      },
    };
  },

  bankYaml: ({ fhir }) => fhirBank(fhir!),
};

const transaction = (resources: readonly Resource[]): object => ({
  resourceType: "Bundle",
  type: "transaction",
  entry: resources.map((resource) => ({
    resource,
    request: { method: "PUT", url: `${resource.resourceType}/${resource.id}` },
  })),
});

/** Patients come before what refers to them. */
const load = async (url: string, resources: readonly Resource[]): Promise<void> => {
  const isPatient = ({ resourceType }: Resource): boolean => resourceType === "Patient";
  const parts = [resources.filter(isPatient), resources.filter((one) => !isPatient(one))];
  for (const part of parts) {
    for (let at = 0; at < part.length; at += IN_ONE) {
      const body = JSON.stringify(transaction(part.slice(at, at + IN_ONE)));
      const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/fhir+json" }, body });
      if (!answer.ok) throw new Error(`transaction: wanted success, got ${(await answer.text()).slice(0, 500)}`);
      await answer.arrayBuffer();
    }
  }
};
