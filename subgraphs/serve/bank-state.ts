import { BankError } from "../../schema/bank-error.ts";
import type { Mapping } from "../mapping/mapping.ts";

/**
 * Why a bank gives no leases, readings of data or answers, by the `state` that its operator set; null while it does.
 * WITHDRAWN: BANK_WITHDRAWN, so that gateways show nothing that it answered before. PAUSED: BANK_UNREACHABLE, so that they
 * may. LIVE and TRIAL banks answer; gateways do not ask a bank in TRIAL.
 */
export const refusalBy = ({ id, yaml: { state } }: Mapping): BankError | null => {
  if (state === "WITHDRAWN") return new BankError("BANK_WITHDRAWN", id, "state: wanted LIVE, got WITHDRAWN");
  if (state === "PAUSED")
    return new BankError("BANK_UNREACHABLE", id, "state: wanted LIVE, got PAUSED by its operator");
  return null;
};
