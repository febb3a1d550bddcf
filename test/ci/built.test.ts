import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

type Answer = { readonly data: { readonly search: { readonly banks: readonly { readonly status: string }[] } } };

test("what is built needs no sources: all five banks answer where there are none", { timeout: 120_000 }, async () => {
  await promisify(execFile)(process.execPath, [join(REPOSITORY, ".ci/build.mjs")]);
  const root = await mkdtemp(join(tmpdir(), "odan-built-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await cp(join(REPOSITORY, "dist"), join(root, "dist"), { recursive: true });
  await symlink(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  await writeFile(join(root, "package.json"), JSON.stringify({ type: "module" }));

  const { ODAN_DATA: _, ...env } = process.env;
  const child = spawn(process.execPath, ["dist/sandbox/start.js"], {
    cwd: root,
    env: { ...env, ODAN_SIZE: "0.002", PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  let url = "";
  for await (const line of createInterface({ input: child.stdout })) {
    [, url = ""] = /^Odan answers at (\S+)$/.exec(line) ?? [];
    if (url !== "") break;
  }
  child.stdout.resume();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: '{ search(where: { disease: { codes: ["ICD10:E11"] } }) { banks { status } } }' }),
  });
  const { data } = (await response.json()) as Answer;
  expect(data.search.banks.map(({ status }) => status)).toEqual(Array(5).fill("ANSWERED"));

  const { stdout } = await promisify(execFile)(process.execPath, ["dist/gateway/cli.js", "banks", "--url", url], {
    cwd: root,
  });
  expect(stdout).toContain("tmm");
});
