import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { filesOf, LANES } from "./lanes.ts";

const report = process.env["CI_TEST_JSON"];

/**
 * Two projects: `unit` runs files side by side; then `e2e` one after the other, since each of them starts whole processes.
 * `--mode short` runs what `npm test` does, `--mode long` what `npm run test:long` does, and any other mode every file.
 */
export default defineConfig(({ mode }) => {
  const lane = mode === "short" || mode === "long" ? LANES[mode] : null;
  const files = filesOf(lane);
  // For each project: a project reads this file again, and without the mode.
  const env = { TEST_LANE: lane ?? "" };
  const isSerial = (file: string): boolean => /^test\/(e2e|chaos)\//.test(file);
  return {
    root: fileURLToPath(new URL("..", import.meta.url)),
    // Node gives packages the CommonJS build of graphql and Vite would give us the other one: two copies are two realms.
    resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) }] },
    test: {
      pool: "forks",
      // All cores: many files wait for timers and processes more than they reckon.
      maxWorkers: availableParallelism(),
      // Only a test that hangs is to run into it, on a machine of any speed.
      testTimeout: 120_000,
      hookTimeout: 180_000,
      retry: 0,
      reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
      projects: [
        {
          extends: true,
          test: { name: "unit", env, include: files.filter((file) => !isSerial(file)), sequence: { groupOrder: 0 } },
        },
        {
          extends: true,
          test: {
            name: "e2e",
            env,
            include: files.filter(isSerial),
            fileParallelism: false,
            sequence: { groupOrder: 1 },
          },
        },
      ],
    },
  };
});
