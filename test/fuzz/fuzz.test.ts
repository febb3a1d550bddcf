import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { refusedError } from "../../net/serve/refused.ts";
import { refuse } from "../../schema/refusal.ts";
import { fuzz } from "./fuzz.ts";
import { judged } from "./judge.ts";

test("nothing that a client can send is a fault of the gateway", async () => {
  const { findings, overSocket, kinds, crashes, hangs } = await fuzz({ cases: 1500, seed: 1, socketShare: 0.12 });
  expect(findings).toEqual([]);
  expect([crashes, hangs]).toEqual([0, 0]);
  expect(overSocket).toBeGreaterThan(100);
  expect(kinds).toBeGreaterThan(100);
});

const answers = (status: number, body: string, type = "application/json"): RequestListener => {
  return (_, response) => void response.writeHead(status, { "content-type": type, connection: "close" }).end(body);
};
const error = (extensions: object): string => JSON.stringify({ errors: [{ message: "no", extensions }] });

// The harness finds what it is there to find.
test.each<[what: string, listener: RequestListener, finding: string]>([
  ["a status of 500", answers(500, "{}"), "status 500"],
  ["a stack", answers(400, "TypeError: Invalid URL\n    at new URL (node:internal/url:1:1)", "text/plain"), "a stack"],
  ["an unknown code", answers(400, error({ code: "INTERNAL_SERVER_ERROR" })), "an unknown code"],
  ["an error without a code", answers(200, JSON.stringify({ errors: [{ message: "no" }] })), "an unknown code"],
  ["a fault of ours", answers(200, error({ ...refusedError(refuse("FAULT_OF_OURS")).extensions })), "a fault"],
  ["no words", answers(400, error({ code: "BAD_REQUEST" })), "no says"],
  ["broken JSON", answers(200, "{"), "no JSON"],
])("%s is found", async (_, replaced, finding) => {
  const { findings, unknownErrors } = await fuzz({ cases: 40, seed: 1, socketShare: 0, replaced });
  expect(unknownErrors).toBeGreaterThan(10);
  expect(findings[0]).toContain(finding);
});

test("a case is the same for the same seed", async () => {
  const run = () =>
    fuzz({
      cases: 60,
      first: 400,
      seed: 7,
      socketShare: 0,
      replaced: (request, response) => {
        response.setHeader("content-type", "application/json");
        response.setHeader("connection", "close");
        response.writeHead(500).end(JSON.stringify(request.url));
      },
    });
  const [a, b] = [await run(), await run()];
  expect(a.findings.toSorted()).toEqual(b.findings.toSorted());
});

test("the answer to HEAD has a length and no body", () => {
  const head = "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n";
  expect(judged(Buffer.from(head)).wrong).toBeNull();
  expect(judged(Buffer.from(`${head}HTTP/1.1 500 No\r\n\r\n`)).wrong).toContain("status 500");
});
