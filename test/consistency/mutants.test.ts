import { rm } from "node:fs/promises";
import { afterAll, expect, test } from "vitest";
import { COPIES, plant } from "../mutant.ts";
import { check } from "./checker.ts";
import { MUTANTS } from "./mutants.ts";
import type * as SimulateModule from "./simulate.ts";

/** A simulation that needs more runs than this to see a planted fault would not see a real one either. */
const RUNS = 20;

afterAll(() => rm(COPIES, { recursive: true, force: true }));

test.for(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
  "the simulation catches: %s",
  { timeout: 180_000 },
  async ([, mutant], { task }) => {
    const root = await plant(mutant, task.id);
    const { simulate } = (await import(
      /* @vite-ignore */ `${root}/test/consistency/simulate.ts`
    )) as typeof SimulateModule;
    const load = mutant.breaks === "I8";
    const broken = new Set<string>();
    let run = 0;
    while (run < RUNS && !broken.has(mutant.breaks)) {
      run += 1;
      for (const { promise } of check(await simulate(run, load ? "none" : "any"), load ? 1 : undefined))
        broken.add(promise);
    }
    if (process.env["SIM_VERBOSE"] !== undefined)
      console.log(`${mutant.name}: run ${run}: ${[...broken].sort().join(" ")}`);
    expect([...broken]).toContain(mutant.breaks);
  },
);
