import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeEach, expect, onTestFinished, test } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** A small repository with the compiler and the build scripts of this one; its packages count as installed. */
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "odan-build-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const name of [".ci", "tsconfig.base.json"]) {
    await cp(join(REPOSITORY, name), join(root, name), { recursive: true });
  }
  await mkdir(join(root, "node_modules"));
  for (const name of ["typescript", "@typescript", "@types", "undici-types"]) {
    await symlink(join(REPOSITORY, "node_modules", name), join(root, "node_modules", name));
  }
  await write("package-lock.json", "{}");
  await write("node_modules/.odan-lock", createHash("sha256").update("{}").digest("hex"));
  await write("package.json", JSON.stringify({ type: "module" }));
  const compilerOptions = { rootDir: ".", outDir: "dist", declaration: true };
  await write(
    "tsconfig.build.json",
    JSON.stringify({ extends: "./tsconfig.base.json", compilerOptions, include: ["a", "absent"] }),
  );
  await mkdir(join(root, "a/data"), { recursive: true });
  await write("a/main.ts", 'import { two } from "./two.ts";\nexport const four: number = two + two;\n');
  await write("a/two.ts", "export const two = 2;\n");
  await write("a/data/table.csv", "1,2\n");
});

const write = (name: string, text: string): Promise<void> => writeFile(join(root, name), text);
const build = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [join(root, ".ci/build.mjs"), ...args]);
const built = async (): Promise<readonly string[]> => (await readdir(join(root, "dist/a"))).sort();
const madeAt = async (): Promise<number> => (await stat(join(root, "dist/a/main.js"))).mtimeMs;

test("makes JavaScript, copies the data beside it, and says nothing", async () => {
  expect(await build()).toEqual({ stdout: "", stderr: "" });
  expect(await built()).toEqual(["data", "main.js", "two.js"]);
  expect(await readFile(join(root, "dist/a/data/table.csv"), "utf8")).toBe("1,2\n");
  expect((await import(join(root, "dist/a/main.js"))).four).toBe(4);
});

test("builds again after a change of code, of data or of what there is, and not otherwise", async () => {
  await build();
  const first = await madeAt();
  await build();
  expect(await madeAt()).toBe(first);
  await write("a/data/table.csv", "1,3\n");
  await build();
  expect(await readFile(join(root, "dist/a/data/table.csv"), "utf8")).toBe("1,3\n");
  await write("a/main.ts", "export const four: number = 4;\n");
  await rm(join(root, "a/two.ts"));
  await build();
  expect(await built()).toEqual(["data", "main.js"]);
});

test("types are checked and written on demand, and a start is content with such a build", async () => {
  await build();
  await build("--types");
  expect(await built()).toEqual(["data", "main.d.ts", "main.js", "two.d.ts", "two.js"]);
  const first = await madeAt();
  await build();
  expect(await madeAt()).toBe(first);
  await write("a/two.ts", 'export const two: number = "2";\n');
  await build();
  await expect(build("--types")).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("TS2322") });
});

test("two at once build once", async () => {
  await Promise.all([build(), build()]);
  expect(await built()).toContain("main.js");
  expect((await readdir(root)).filter((name) => name.startsWith("dist"))).toEqual(["dist"]);
});

test("code that cannot be compiled is named, and what was built before stays", async () => {
  await build();
  await write("a/two.ts", "export const = 2;\n");
  await expect(build()).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/a\/two\.ts.*TS1134[\s\S]*The build failed \(\d\)\. Mend what it says above/),
  });
  expect(await built()).toContain("two.js");
});
