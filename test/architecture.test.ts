import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** What each folder may import besides itself (DESIGN.md section 2); `test` may import anything. */
const MAY_IMPORT: { readonly [folder: string]: RegExp } = {
  schema: /^$/,
  net: /^schema\//,
  adapters: /^(schema|net)\//,
  cache: /^(schema|net)\//,
  subgraphs: /^(schema|net|adapters|cache)\//,
  gateway: /^(schema|net|cache|subgraphs)\//,
  web: /^schema\/sdl\.ts$/,
  sandbox: /^schema\//,
};
/** Rooms of a subgraph, from the one that knows the least: each may import those before it. */
const SUBGRAPH_ROOMS = [
  "mapping",
  "understand",
  "plan",
  "count",
  "disclose",
  "answer",
  "releases",
  "serve",
  "check",
] as const;
/** Rooms of the gateway, from the one that knows the least: banks <- search <- http. The command line knows none of them. */
const ABOVE: readonly (readonly [room: RegExp, closed: RegExp])[] = [
  ...SUBGRAPH_ROOMS.slice(0, -1).map(
    (room, i) =>
      [
        new RegExp(`^subgraphs/${room}/`),
        new RegExp(`^subgraphs/(${SUBGRAPH_ROOMS.slice(i + 1).join("|")})/`),
      ] as const,
  ),
  [/^gateway\/banks\//, /^gateway\/(search|http|cli)\//],
  [/^gateway\/search\//, /^gateway\/(http|cli)\//],
  [/^gateway\/cli\//, /^gateway\/(banks|search|http)\//],
];
const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The kinds of bank, as adapters/index.ts imports them. None of them may import another. */
const INDEX = readFileSync(join(ROOT, "adapters/index.ts"), "utf8");
const KINDS = [...INDEX.matchAll(/^import \{.*\} from "\.\/([\w-]+)\.ts"/gm)].map(([, kind]) => kind!);
const PEER = new RegExp(`^adapters/(${KINDS.join("|")})\\b`);
const SPECIFIER = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*["'`]([^"'`]+)["'`]/g;
const BUILT_IN = new Set(builtinModules);
/** `schema` does no I/O but for these files, which read the code tables and the SDL that lie beside them. */
const READS_ITS_DATA: readonly string[] = ["schema/codes/rows.ts", "schema/sdl.ts", "schema/words/read-words.ts"];

/** The imports of one file that the house does not allow, as `file -> import`. */
const forbidden = (file: string, source: string): readonly string[] => {
  const folder = file.split("/")[0]!;
  const allowed = (specifier: string): boolean => {
    if (!specifier.startsWith(".")) {
      const name = specifier.replace(/^node:/, "");
      if (folder !== "schema" || !BUILT_IN.has(name.split("/")[0]!)) return true;
      return name === "crypto" || (READS_ITS_DATA.includes(file) && /^(fs|zlib|util)$/.test(name));
    }
    const target = join(dirname(file), specifier);
    const [from, to] = [PEER.exec(file)?.[1], PEER.exec(target)?.[1]];
    if (from !== undefined && to !== undefined) return from === to;
    if (ABOVE.some(([room, closed]) => room.test(file) && closed.test(target))) return false;
    return target.startsWith(`${folder}/`) || MAY_IMPORT[folder]!.test(target);
  };
  return [...source.matchAll(SPECIFIER)].flatMap(([, to]) => (allowed(to!) ? [] : [`${file} -> ${to}`]));
};

test("imports point downwards only", () => {
  const files = Object.keys(MAY_IMPORT)
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((f) => join(folder, f)),
    )
    .filter((file) => /\.m?[jt]s$/.test(file));
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap((file) => forbidden(file, readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
});

test.each([
  ["schema/a.ts", "../adapters/local.ts"],
  ["schema/a.ts", "node:fs"],
  ["schema/a.ts", "node:fs/promises"],
  ["schema/a.ts", "node:zlib"],
  ["net/signals.ts", "../adapters/local.ts"],
  ["adapters/local.ts", "../cache/cache.ts"],
  ["cache/cache.ts", "../adapters/local.ts"],
  ["adapters/beacon.ts", "./tabular.ts"],
  ["adapters/tabular/sql.ts", "../beacon/filters.ts"],
  ["subgraphs/disclose/disclose.ts", "../../gateway/http/server.ts"],
  ["subgraphs/mapping/mapping.ts", "../understand/understand.ts"],
  ["subgraphs/count/counter.ts", "../disclose/disclose.ts"],
  ["subgraphs/disclose/disclose.ts", "../answer/settle.ts"],
  ["subgraphs/releases/edition.ts", "../serve/card.ts"],
  ["gateway/banks/guard.ts", "../search/ask.ts"],
  ["gateway/search/bank-result.ts", "../http/server.ts"],
  ["gateway/banks/bank.ts", "../../adapters/adapter.ts"],
  ["gateway/main.ts", "../sandbox/start.ts"],
  ["gateway/main.ts", "../test/oracle.ts"],
  ["web/page.ts", "../schema/fields.ts"],
  ["sandbox/start.ts", "../gateway/main.ts"],
])("catches %s importing %s", (file, specifier) => {
  const caught = [`${file} -> ${specifier}`];
  expect(forbidden(file, `import { x } from "${specifier}";`)).toEqual(caught);
  expect(forbidden(file, `const x = await import("${specifier}");`)).toEqual(caught);
});

test.each([
  ["schema/a.ts", "node:crypto"],
  ["schema/codes/rows.ts", "node:fs"],
  ["adapters/beacon.ts", "./beacon/filters.ts"],
  ["adapters/index.ts", "./tabular.ts"],
  ["subgraphs/serve.ts", "../cache/cache.ts"],
  ["subgraphs/serve/card.ts", "../mapping/mapping.ts"],
  ["web/page.ts", "../schema/sdl.ts"],
])("lets %s import %s", (file, specifier) => {
  expect(forbidden(file, `import { x } from "${specifier}";`)).toEqual([]);
});
