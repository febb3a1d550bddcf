import type { BrokenReason } from "../../schema/broken-reasons.ts";

/** Local counts that cannot all be true. The message holds no count. */
export class Contradiction extends Error {
  readonly reason: BrokenReason;

  constructor(message: string, reason: BrokenReason = "CONTRADICTION") {
    super(message);
    this.reason = reason;
  }
}
