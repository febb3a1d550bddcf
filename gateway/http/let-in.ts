import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal } from "../../schema/refusal.ts";
import type { Asker } from "../askers/asker.ts";
import type { Arrived, ServerContext } from "../context.ts";
import { COME_IN, GONE } from "../fairness/door.ts";
import type { Fairness } from "../fairness/fairness.ts";
import { sendRefusal } from "./json-response.ts";

/** Serves one path to an asker who has been let in. */
export type AskerRoute = (request: IncomingMessage, response: ServerResponse, context: ServerContext) => unknown;
/** Tells who sent a request, or why that cannot be told. */
export type Identify = (request: IncomingMessage, arrived: Arrived) => Promise<Asker | Refusal>;

/** Serves a path to askers in their turns. Nothing but its head is read of a request that is refused. */
export const letIn =
  (route: AskerRoute, identify: Identify, { door, charges, rate, openStream }: Fairness) =>
  async (request: IncomingMessage, response: ServerResponse, arrived: Arrived): Promise<void> => {
    const asker = await identify(request, arrived);
    if (asker instanceof Refusal) return sendRefusal(response, asker);
    const entry = await door.enter(asker, request, response);
    if (entry === GONE) return;
    if (entry !== COME_IN) return sendRefusal(response, entry);
    charges.settle(asker, request, response);
    await route(request, response, {
      ...arrived,
      asker,
      rate: () => rate.look(asker),
      openStream: () => openStream(asker, request, response) && arrived.openStream(),
    });
  };
