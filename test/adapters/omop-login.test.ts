import { readFile, writeFile } from "node:fs/promises";
import pg from "pg";
import { expect, test } from "vitest";
import { clientWithSocket, loginOf } from "../../adapters/omop/login.ts";
import { omopOptions } from "../../adapters/omop/options.ts";
import { ownPostgres } from "../postgres.ts";

/** Has every letter that a URL spells otherwise. */
const PASSWORD = "p%41 s:/?#[]@!$&'()*+,;=\"\\éあ";

// The driver took the empty password of the URL: 28P01 for every bank that names its password as the docs say.
test("a password beside a URL logs in, whatever its letters", async () => {
  await using server = await ownPostgres();
  const admin = new pg.Client(server.url);
  await admin.connect();
  await admin.query(`CREATE ROLE asker LOGIN PASSWORD ${admin.escapeLiteral(PASSWORD)}`);
  const { rows } = await admin.query<{ hba_file: string }>("SHOW hba_file");
  const file = rows[0]!.hba_file;
  await writeFile(file, `host all asker all scram-sha-256\n${await readFile(file, "utf8")}`);
  await admin.query("SELECT pg_reload_conf()");
  await admin.end();

  const { hostname, port, pathname } = new URL(server.url);
  const url = { url: `postgres://asker@${hostname}:${port}${pathname}` };
  const parts = { host: hostname, port: Number(port), database: pathname.slice(1), user: "asker" };
  const logsIn = async (place: object, password: string): Promise<string> => {
    const options = omopOptions.parse({ kind: "omop", ...place, password: "env:PASSWORD" });
    const context = { bank: "bank", folder: ".", env: { PASSWORD: password } };
    const { client } = clientWithSocket(await loginOf(options, context));
    try {
      await client.connect();
      return (await client.query<{ current_user: string }>("SELECT current_user")).rows[0]!.current_user;
    } catch (error) {
      return String((error as { readonly code?: string }).code);
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  for (const place of [url, parts]) {
    expect(await logsIn(place, PASSWORD)).toBe("asker");
    expect(await logsIn(place, "another"), "the server looks at it").toBe("28P01");
  }
});
