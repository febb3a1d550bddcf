import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const report = process.env["CI_TEST_JSON"];

/** Two projects: `unit` runs files side by side; then `e2e` one after the other, since each of them starts whole processes. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  // Node gives packages the CommonJS build of graphql and Vite would give us the other one: two copies are two realms.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) }] },
  test: {
    pool: "forks",
    // Only a test that hangs is to run into it, on a machine of any speed.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    retry: 0,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/chaos/**"],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts", "test/chaos/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
