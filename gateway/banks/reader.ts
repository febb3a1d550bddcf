import { parse } from "graphql";
import type { Logger } from "pino";
import type { Answers } from "../../cache/answers.ts";
import type { Lease } from "../../cache/lease.ts";
import { createReader, type Reader } from "../../cache/reader.ts";
import { type Clock, patientSleep } from "../../net/clock.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Bounds, Release } from "../../schema/release.ts";
import { parseLease } from "../../schema/wire/lease.ts";
import { WrongAnswer } from "../../schema/wire/shape.ts";
import type { BankExecutor } from "./executor.ts";
import { BankFailure, failureIn } from "./failure.ts";
import { bankGuard, type Guard } from "./guard.ts";

/** What a bank's lease tells of an edition. */
export type About = { readonly release: Release; readonly size: Bounds };
export type BankReader = Reader<About>;

const LEASE = parse("query lease { lease }");
/** How long a bank may take to say which release is current. */
const LEASE_TIMEOUT_MS = 5000;

/** A bank's reader, and what guards the bank. */
export type GuardedBank = { readonly reader: BankReader; readonly guard: Guard };

/** @param withdrawn hears when the bank says that it has left the federation */
export const bankReader = (
  id: string,
  execute: BankExecutor,
  { answers, clock, log }: { readonly answers: Answers; readonly clock: Clock; readonly log: Logger },
  withdrawn: () => void,
): GuardedBank => {
  const lease = async (): Promise<Lease<About>> => {
    const over = new AbortController();
    const tooLong = `release: wanted word of it within ${LEASE_TIMEOUT_MS} ms, got none`;
    patientSleep(clock, LEASE_TIMEOUT_MS, over.signal).then(
      () => over.abort(new BankError("BANK_TIMEOUT", id, tooLong)),
      () => undefined,
    );
    const { data, errors } = await execute({ document: LEASE, signal: over.signal }).finally(() => over.abort());
    if (errors !== undefined && errors.length > 0) throw errors[0]?.originalError ?? errors[0];
    return leaseOf(id, data?.["lease"]);
  };
  const guard = bankGuard(id, {
    probe: lease,
    report: (what, err) =>
      what === "lost" ? log.error({ bank: id, err }, "the bank is away") : log.info({ bank: id }, "the bank is back"),
  });
  const reader = createReader({ id, lease: () => guard.glance(lease), isWithdrawal }, answers, clock, {
    leaseFailed: (err) => log.warn({ bank: id, err }, "the bank did not say which release is current"),
    withdrawn,
  });
  return { reader, guard };
};

const isWithdrawal = (why: unknown): boolean => failureIn(why)?.code === "BANK_WITHDRAWN";

const leaseOf = (bank: string, json: unknown): Lease<About> => {
  const lease = leaseIn(bank, json);
  if ("failure" in lease) throw new BankFailure(lease.failure);
  const { edition, release, size, leaseMs, staleMs } = lease;
  return { edition, leaseMs, staleMs, about: { release, size } };
};

const leaseIn = (bank: string, json: unknown): ReturnType<typeof parseLease> => {
  try {
    return parseLease(json);
  } catch (error) {
    if (error instanceof WrongAnswer) throw new BankError("BANK_BROKEN", bank, error.message, { reason: error.reason });
    throw error;
  }
};
