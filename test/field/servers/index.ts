import { arranger2 } from "./arranger2.ts";
import { arranger3 } from "./arranger3.ts";
import { hapi } from "./hapi.ts";
import { omop } from "./omop.ts";
import type { FieldServerKind } from "./server.ts";

/** Every server that `npm run field` starts. A new one is a file and a line here. */
export const SERVERS: readonly FieldServerKind[] = [arranger3, arranger2, hapi, omop];
