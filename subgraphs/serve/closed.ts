import { BankError } from "../../schema/bank-error.ts";
import type { Mapping } from "../mapping/mapping.ts";

/**
 * Why a bank gives neither leases nor answers, by the `state` that its operator set; null where it does. WITHDRAWN: for
 * good, so nothing that it said before may be shown either. PAUSED: for a while, as a bank that cannot be reached. LIVE and
 * TRIAL answer whoever asks: that nobody counts on a bank in TRIAL is up to the gateway.
 */
export const closedBy = ({ id, yaml: { state } }: Mapping): BankError | null => {
  if (state === "WITHDRAWN") return new BankError("BANK_WITHDRAWN", id, "state: wanted LIVE, got WITHDRAWN");
  if (state === "PAUSED")
    return new BankError("BANK_UNREACHABLE", id, "state: wanted LIVE, got PAUSED by its operator");
  return null;
};
