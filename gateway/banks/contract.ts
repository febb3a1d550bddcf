import { buildSchema } from "graphql";
import { SUBGRAPH_SDL } from "../../schema/sdl.ts";

/** What every bank's subgraph serves. One object for all banks: it is what the stitched schema is made from. */
export const contract = buildSchema(SUBGRAPH_SDL);
