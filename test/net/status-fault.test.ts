import { expect, test } from "vitest";
import { statusFault, statusOf } from "../../net/http/status-fault.ts";

const fault = (status: number, others?: Parameters<typeof statusFault>[3]) =>
  statusFault("bank", { status, headers: { "retry-after": "3" } }, { where: "/x", said: ": no" }, others);

test.each([
  [401, "BANK_REFUSED", undefined, undefined],
  [403, "BANK_REFUSED", undefined, undefined],
  [429, "BANK_BUSY", undefined, 3000],
  [503, "BANK_BUSY", undefined, 3000],
  [302, "BANK_BROKEN", "REDIRECTED", undefined],
  [400, "BANK_BROKEN", "WRONG_FORM", undefined],
  [500, "BANK_BROKEN", "SERVER_ERROR", undefined],
])("HTTP %i is %s", (status, code, reason, retryAfterMs) => {
  const error = fault(status);
  expect({ ...error, message: error.message }).toMatchObject({
    code,
    message: `[bank] /x: wanted an answer, got HTTP ${status}: no`,
    ...(reason === undefined ? {} : { reason }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  expect(statusOf(error)).toBe(status);
});

test("a kind of server says what its other statuses mean, but not what the common ones do", () => {
  expect([400, 401].map((status) => fault(status, () => "BANK_UNSUPPORTED").code)).toEqual([
    "BANK_UNSUPPORTED",
    "BANK_REFUSED",
  ]);
});
