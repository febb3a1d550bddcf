import { BankError } from "../../schema/bank-error.ts";
import { exchangeOver, type HttpResponse } from "../http/exchange.ts";
import { printable } from "../http/json-client.ts";
import { ANSWER_HEADER, type AnswerVerifier } from "./answer.ts";
import { REQUEST_HEADER, type RequestSigner } from "./request.ts";

export type Proof = {
  readonly sign: RequestSigner;
  readonly verify: AnswerVerifier;
  /** Whether an operator of the bank orders what is sent. */
  readonly operator: boolean;
};

/**
 * Exchanges with a subgraph that checks who asks, and whose answers are checked: each request is signed anew. @throws {BankError}
 * BANK_REFUSED for a refusal that is not signed, as a bank sends it where it does not know our key; BANK_BROKEN for any other
 * answer that is not signed, or not as it came
 */
export const provenExchange =
  ({ sign, verify, operator }: Proof): typeof exchangeOver =>
  (bank, dispatcher, largest) => {
    const exchange = exchangeOver(bank, dispatcher, largest);
    return async (url, request, limit) => {
      const { jti, token } = await sign(request.body ?? "", operator);
      const headers = { ...request.headers, [REQUEST_HEADER]: token };
      const response = await exchange(url, { ...request, headers }, limit);
      const { status, text } = response;
      const signature = response.headers[ANSWER_HEADER];
      const fault = await verify(typeof signature === "string" ? signature : undefined, { jti, status, body: text });
      if (fault === null) return response;
      throw unproven(bank, `${url.pathname}: ${fault}`, response);
    };
  };

const unproven = (bank: string, fault: string, { status, text }: HttpResponse): BankError => {
  if (status !== 401 && status !== 403) return new BankError("BANK_BROKEN", bank, fault, { reason: "NOT_SIGNED" });
  return new BankError("BANK_REFUSED", bank, `${fault}: HTTP ${status}, ${printable(text)}`, { cause: { status } });
};
