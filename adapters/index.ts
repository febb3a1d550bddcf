import type { AdapterKind } from "./adapter.ts";
import { beacon } from "./beacon.ts";
import { fhir } from "./fhir.ts";
import { omop } from "./omop.ts";
import { sqon } from "./sqon.ts";
import { tabular } from "./tabular.ts";

/** Every kind of local API that a bank.yaml can name. A new kind is one file and one line here. */
export const ADAPTERS = { beacon, fhir, omop, sqon, tabular } as const satisfies {
  readonly [kind: string]: AdapterKind<unknown>;
};
