import { once } from "node:events";
import { pathToFileURL } from "node:url";

/**
 * Loaded in front of a program that can `--check` its settings: checks them, then holds the program, all of it loaded, until
 * the parent sends the environment that it lacked. What it refuses ends the process before the parent's work is done.
 */
const [, program = ""] = process.argv;
process.argv.push("--check");
await import(`${pathToFileURL(program).href}?rehearsal`);
process.argv.pop();
process.channel?.ref();
const [environment] = await once(process, "message");
process.channel?.unref();
Object.assign(process.env, environment);
