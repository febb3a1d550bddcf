import { describe, expect, onTestFinished, test } from "vitest";
import { askField } from "./ask.ts";
import { fieldQuestions, QUESTION_SEED } from "./questions.ts";
import { RECORDED, type Recording, readRecording, startReplay } from "./recording.ts";
import { SERVERS } from "./servers/index.ts";
import { FIELD_DONORS } from "./truth/donors.ts";

/** Servers of others are started by `npm run field`; here their recorded answers stand in for them. */
describe.each(SERVERS.filter(({ records }) => records !== false).map((kind) => [kind.name, kind] as const))(
  "%s as it was recorded",
  (name, { bankYaml }) => {
    const recorded = (): Promise<Recording> => readRecording(name);
    const replayed = async (recording: Recording) => {
      const parts = [...Object.keys(recording.counts), ...Object.keys(recording.answers)].map(
        (key) => key.split(" ")[0]!,
      );
      const replay = await startReplay([...new Set(parts)], recording, `npm run field -- ${name} --record`);
      onTestFinished(replay.stop);
      return bankYaml(replay.urls);
    };
    const questions = fieldQuestions(QUESTION_SEED, RECORDED);

    test("is never misunderstood", { timeout: 30_000 }, async () => {
      const recording = await recorded();
      expect(recording.version).toMatch(/\d+\.\d+\.\d+/);
      const { misses, numbers, exact } = await askField(await replayed(recording), FIELD_DONORS(), questions);
      expect(misses).toEqual([]);
      expect(numbers).toBeGreaterThan(300);
      expect(exact).toBeGreaterThan(50);
    });

    test("fails with the command that renews it where a request was not recorded", async () => {
      const bank = await replayed({ ...(await recorded()), counts: {} });
      const asked = askField(bank, FIELD_DONORS(), questions.slice(0, 1));
      await expect(asked).rejects.toThrow(`npm run field -- ${name} --record`);
    });
  },
);
