import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Serves kinds of documents with an unmodified Arranger 3, each at a port of its own.
 * Arguments: the folder in which it is installed, the URL of the search engine, and a folder of settings for each kind.
 */
const [, , folder, engine, ...configs] = process.argv;
const installed = createRequire(path.join(folder, "package.json"));
const { default: arranger } = await import(pathToFileURL(installed.resolve("@overture-stack/arranger-server")).href);
const express = installed("express");

for (const config of configs) {
  const router = await arranger({ configsSource: config, esHost: engine, searchClient: "opensearch" });
  const app = express();
  // As Arranger's own main program does: an empty limit is 100 kB.
  app.use(express.json({ limit: "50mb" }));
  app.use(router);
  // A connection that is closed for being idle is lost to a client that writes just then.
  const server = http.createServer({ keepAliveTimeout: 0 }, app);
  server.listen(0, "127.0.0.1", () => console.log(`serving ${path.basename(config)} ${server.address().port}`));
}
