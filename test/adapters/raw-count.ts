import { expect } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import type { LocalQuestion } from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import { CODES } from "./fixture.ts";
import { code, has, question } from "./questions.ts";

/** A count that a fault brings into messages. */
export const PLANTED = 4815;
const NEVER = new AbortController().signal;
const ALL: LocalQuestion = { ...question([has("SEX", code(CODES.FEMALE))]), only: "DONORS" };

/** The failure of opening an adapter or of one question put to it. */
const failure = async (opening: Promise<Adapter>): Promise<BankError> => {
  try {
    const adapter = await opening;
    const [got] = await adapter.count([ALL], { id: "bank@1", date: "", kind: "ANNOUNCED" }, NEVER);
    expect(got).toBeInstanceOf(BankError);
    return got as BankError;
  } catch (error) {
    if (error instanceof BankError) return error;
    throw error;
  }
};
/** The failure names `where` it was found, and no count that was planted. */
export const expectNoCount = async (opening: Promise<Adapter>, where: string): Promise<void> => {
  const { message } = await failure(opening);
  expect(message).toContain(where);
  expect(message.replace(/bank@\d+/g, "")).not.toMatch(/4,?81[56]/);
};
