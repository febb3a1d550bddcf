import { run } from "./cli/run.ts";
import { environment } from "./environment.ts";

// A reader that stops early (`odan search | head`) is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  env: environment,
  colours: process.stdout.isTTY && !environment["NO_COLOR"],
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
});
