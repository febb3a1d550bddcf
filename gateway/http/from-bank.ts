import { defaultMergedResolver, delegateToSchema, type ExternalObject } from "@graphql-tools/delegate";
import { type GraphQLResolveInfo, Kind, OperationTypeNode } from "graphql";
import { withDeadline } from "../../net/deadline.ts";
import type { RegisteredBank } from "../banks/registry.ts";
import type { GatewayContext } from "../context.ts";
import { askedAtOnce } from "../search/incremental.ts";

/**
 * Resolves one field of a Bank from the bank itself, through its part of the stitched schema. Null where the bank does not
 * say it in time; why is in the log.
 */
export const fromBank = async (
  bank: RegisteredBank | undefined,
  { deadlineMs, context, info }: { deadlineMs: number; context: GatewayContext; info: GraphQLResolveInfo },
): Promise<unknown> => {
  if (bank === undefined) return null;
  const whole = askedAtOnce(info);
  const ask = async (signal: AbortSignal): Promise<ExternalObject> =>
    delegateToSchema({
      schema: bank.subschema,
      operation: OperationTypeNode.QUERY,
      fieldName: "self",
      args: {},
      returnType: info.parentType,
      selectionSet: { kind: Kind.SELECTION_SET, selections: whole.fieldNodes },
      context: { signal },
      info: whole,
    });
  try {
    const late = () => new Error(`wanted an answer within ${deadlineMs} ms, got none`);
    const self: ExternalObject = await withDeadline(ask, deadlineMs, late, context.request.signal);
    const value: unknown = await defaultMergedResolver(self, {}, context, info);
    if (value instanceof Error) throw value;
    return value;
  } catch (error) {
    context.log.warn({ bank: bank.id, err: error }, `the bank did not say its ${info.fieldName}`);
    return null;
  }
};
