/** Loaded into a child process, ends it when its parent is gone, however the parent ended. */
process.once("disconnect", () => process.exit(1));
// Waiting for that shall not keep a process alive that has nothing else to do.
process.channel?.unref();
