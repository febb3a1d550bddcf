import { parseArgs } from "node:util";
import { type Measured, MOST_CPU, measureAll } from "./cpu.ts";
import { startBanks, startHouse } from "./federation.ts";
import { startAttack } from "./hostile.ts";
import { askQuietly } from "./quiet.ts";

const HELP = `npm run abuse -- [--seconds N] [--times N] [--clients N] [--only PATTERN] [--size N]
  --seconds N     seconds with and without hostile clients; default 60; 0: only the CPU of each request
  --times N       how often each request is measured; the median counts; default 5; 0: only with hostile clients
  --clients N     hostile clients; default 10
  --only PATTERN  requests whose CPU is measured; default all
  --size N        size of the sandbox's banks; default 0.02`;

/** Longest delays of the gateway's event loop in ms, and how much later a quiet asker may be answered. */
const MOST_P999_MS = 50;
const MOST_MAX_MS = 150;
const MOST_LATER = 3;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    times: { type: "string", default: "5" },
    clients: { type: "string", default: "10" },
    only: { type: "string", default: "" },
    size: { type: "string", default: "0.02" },
    help: { type: "boolean", default: false },
  },
});

const line = (isGood: boolean, name: string, found: string): void =>
  console.log(`${isGood ? "  " : "✗ "}${name.padEnd(64)} ${found}`);

const shown = ({ reply, cpuMs, ms, late, ofReadme }: Measured): string =>
  `${ofReadme.toFixed(1).padStart(6)} x ${cpuMs.toFixed(0).padStart(6)} ms CPU ${ms.toFixed(0).padStart(6)} ms ${late.toFixed(0).padStart(5)} ms late ${String(reply.status).padStart(4)} ${reply.code ?? `${(reply.bytes / 1024).toFixed(0)} kB`}`;

/** `npm run abuse`: prints a table, and ends with 1 if a line of it misses. */
const run = async (): Promise<boolean> => {
  if (values.help) {
    console.log(HELP);
    return true;
  }
  const [seconds, times, clients] = [Number(values.seconds), Number(values.times), Number(values.clients)];
  await using banks = await startBanks(Number(values.size));
  let isGood = true;
  if (times > 0) {
    await using house = await startHouse(banks, { NODE_ENV: "development", ODAN_RATE: "off" });
    console.log(
      `CPU of each request by that of the README's question, cold: at most ${MOST_CPU}, or refused within 50 ms`,
    );
    const all = await measureAll(house, times, new RegExp(values.only), (measured) =>
      line(measured.isGood, measured.request.name, shown(measured)),
    );
    isGood &&= all.every((measured) => measured.isGood);
  }
  if (seconds > 0) {
    await using house = await startHouse(banks, { NODE_ENV: "production" });
    await askQuietly(house, 5);
    const alone = await askQuietly(house, seconds);
    await house.probe();
    const attack = startAttack({ url: house.url, clients });
    const attacked = await askQuietly(house, seconds);
    const { p999, max } = await house.probe();
    const statuses = await attack.end();
    const later = attacked.p99 / alone.p99;
    console.log(
      `\n${clients} hostile clients for ${seconds} s: ${[...statuses]
        .sort(([a], [b]) => a - b)
        .map(([status, count]) => `${count} x ${status}`)
        .join(", ")}`,
    );
    const lines: readonly (readonly [boolean, string, string])[] = [
      [
        later <= MOST_LATER,
        `a quiet asker's p99 with them, by that without: at most ${MOST_LATER}`,
        `${later.toFixed(1)} x (${alone.p99.toFixed(1)} and ${attacked.p99.toFixed(1)} ms; p50 ${alone.p50.toFixed(1)} and ${attacked.p50.toFixed(1)} ms)`,
      ],
      [attacked.failed === 0, "a quiet asker's questions that failed: none", `${attacked.failed} of ${attacked.asked}`],
      [p999 <= MOST_P999_MS, `event-loop delay p99.9: at most ${MOST_P999_MS} ms`, `${p999.toFixed(1)} ms`],
      [max <= MOST_MAX_MS, `event-loop delay at most ${MOST_MAX_MS} ms`, `${max.toFixed(1)} ms`],
    ];
    for (const each of lines) line(...each);
    isGood &&= lines.every(([good]) => good);
  }
  return isGood;
};

process.exitCode = (await run()) ? 0 : 1;
