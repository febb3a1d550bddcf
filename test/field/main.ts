import { askField } from "./ask.ts";
import { fieldQuestions, QUESTION_SEED } from "./questions.ts";
import { RECORDED, type Recording, startRecorder, writeRecording } from "./recording.ts";
import { SERVERS } from "./servers/index.ts";
import type { FieldServer, FieldServerKind } from "./servers/server.ts";
import { FIELD_DONORS } from "./truth/donors.ts";

/**
 * `npm run field [-- SERVER... --questions N --record]`: starts servers of others on loopback, one after the other, loads
 * invented donors and asks each questions whose truth is known. Exit code 1 where a number misses it. `--record` keeps the
 * answers to the first questions for `npm test`, which starts no server.
 */
const given = process.argv.slice(2);
const at = given.indexOf("--questions");
const count = at < 0 ? 500 : Number(given[at + 1]);
const named = given.filter((each, place) => !each.startsWith("--") && (at < 0 || place !== at + 1));
const chosen = named.length === 0 ? SERVERS : SERVERS.filter(({ name }) => named.includes(name));

const donors = FIELD_DONORS();
const questions = fieldQuestions(QUESTION_SEED, count);
const rows: object[] = [];
for (const kind of chosen) {
  const begun = performance.now();
  const server = await kind.start(donors);
  try {
    const up = performance.now();
    const { misses, width, ...result } = await askField(kind.bankYaml(server.urls), donors, questions);
    const seconds = (ms: number) => Number((ms / 1000).toFixed(1));
    rows.push({
      server: server.version,
      ...result,
      width: Number(width.toFixed(1)),
      misses: misses.length,
      upAfter: seconds(up - begun),
      seconds: seconds(performance.now() - up),
    });
    if (given.includes("--record") && kind.records !== false) await record(kind, server);
    for (const miss of misses.slice(0, 10)) console.error(miss);
    if (misses.length > 0) process.exitCode = 1;
  } finally {
    await server.stop();
  }
}
console.table(rows);

async function record({ name, bankYaml }: FieldServerKind, { version, urls }: FieldServer): Promise<void> {
  const recording: Recording = { version, counts: {}, answers: {} };
  const recorder = await startRecorder(urls, recording);
  try {
    await askField(bankYaml(recorder.urls), donors, questions.slice(0, RECORDED));
  } finally {
    recorder.stop();
  }
  await writeRecording(name, recording);
}
