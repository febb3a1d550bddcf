import { parentPort } from "node:worker_threads";
import type { ToThread } from "../../subgraphs/serve/thread/messages.ts";

/** The bank thread of the product, which dies of a document named `die`. */
parentPort!.on("message", (message: ToThread) => {
  if (message.kind === "ask" && message.document.includes("query die")) throw new RangeError("killed by the test");
});
await import("../../subgraphs/serve/thread/main.ts");
