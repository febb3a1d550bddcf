import { findDiseases } from "../../schema/words/find-diseases.ts";
import { QUERY_FILES, queriesOf, scoresOf } from "./score.ts";

/** `npm run words`: how often the right code is first, among three and among ten, and what was missed. */
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`.padStart(8);

const times: number[] = [];
const find = (query: string): readonly string[] => {
  const start = performance.now();
  const { hits } = findDiseases(query, 10);
  times.push(performance.now() - start);
  return hits.map(({ code }) => code);
};

for (const file of QUERY_FILES) {
  const { rows, missed } = scoresOf(queriesOf(file), find);
  console.log(`\n${file}`.padEnd(25), "queries", "   first", "in three", "  in ten", "     MRR");
  for (const { name, count, first, three, ten, reciprocal } of rows) {
    console.log(
      `  ${name}`.padEnd(24),
      String(count).padStart(7),
      percent(first),
      percent(three),
      percent(ten),
      reciprocal.toFixed(3).padStart(8),
    );
  }
  for (const { query, want, got } of missed)
    console.log(`  missed: ${query}: wanted ${want[0]}, got ${got.slice(0, 3).join(" ") || "nothing"}`);
}

times.sort((a, b) => a - b);
const atShare = (share: number): string => times[Math.floor(times.length * share)]!.toFixed(1);
console.log(`\none query: median ${atShare(0.5)} ms, 95 % within ${atShare(0.95)} ms`);
