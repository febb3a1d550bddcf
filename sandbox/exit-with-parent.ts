import { whenParentEnds } from "./parent.ts";

/** Preloaded into a child process: ends it, exit code 1, when its parent has ended. */
whenParentEnds(() => process.exit(1));
