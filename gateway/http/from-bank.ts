import { parse } from "graphql";
import { withDeadline } from "../../net/deadline.ts";
import type { RegisteredBank } from "../banks/registry.ts";
import type { GatewayContext } from "../context.ts";

const RELEASE = parse("query release { self { release { id bank date kind } } }");

/** Asks a bank for its release. Null if the bank is unknown, fails or is late; the log has the cause. */
export const fromBank = async (
  bank: RegisteredBank | undefined,
  { deadlineMs, context }: { readonly deadlineMs: number; readonly context: GatewayContext },
): Promise<unknown> => {
  if (bank === undefined) return null;
  try {
    const late = () => new Error(`wanted an answer within ${deadlineMs} ms, got none`);
    const { data, errors } = await withDeadline(
      (signal) => bank.execute({ document: RELEASE, signal }),
      deadlineMs,
      late,
      context.request.signal,
    );
    if (errors?.[0] !== undefined) throw errors[0];
    return (data?.["self"] as { readonly release: unknown } | undefined)?.release ?? null;
  } catch (error) {
    context.log.warn({ bank: bank.id, err: error }, "the bank did not say its release");
    return null;
  }
};
