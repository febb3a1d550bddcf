import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

/**
 * Serves kinds of documents with an unmodified Arranger 2. Its client refuses an engine that does not call itself
 * Elasticsearch, so that a proxy in between gives it the name and a version.
 * Arguments: the folder in which it is installed, the URL of the search engine, and the project, which stands in the engine.
 */
const [, , folder, engine, project] = process.argv;
const installed = createRequire(path.join(folder, "package.json"));

const ELASTICSEARCH = { "x-elastic-product": "Elasticsearch" };
// A connection that is closed for being idle is lost to a client that writes just then.
const NEVER_IDLE = { keepAliveTimeout: 0 };
const proxy = http.createServer(NEVER_IDLE, (request, response) => {
  const { url, method, headers } = request;
  if (url === "/") {
    response.writeHead(200, { "content-type": "application/json", ...ELASTICSEARCH });
    response.end(JSON.stringify({ version: { number: "7.17.0", build_flavor: "default" } }));
    return;
  }
  const asked = http.request(new URL(url, engine), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, { ...answer.headers, ...ELASTICSEARCH });
    answer.pipe(response);
  });
  asked.on("error", () => response.destroy());
  request.pipe(asked);
});

const listening = (server) =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));

const port = await listening(proxy);
const { default: arranger } = installed("@arranger/server");
const router = await arranger({ esHost: `http://127.0.0.1:${port}`, projectId: project, enableAdmin: false });
const app = installed("express")();
app.use(router);
console.log(`serving ${project} ${await listening(http.createServer(NEVER_IDLE, app))}`);
