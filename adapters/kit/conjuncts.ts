import type { FieldName } from "../../schema/fields.ts";
import type { CodeTest, LocalPredicate, LocalSelector } from "../local.ts";
import { Unsupported } from "./unsupported.ts";

/** What a donor must meet: tests of the donor, and conditions that each some sample of theirs has to meet. */
export type Conjuncts = {
  readonly tests: readonly { readonly field: FieldName; readonly test: CodeTest }[];
  readonly samples: readonly LocalSelector[];
};

/** A predicate as the conditions that it joins by AND. @throws {Unsupported} for any other logic */
export const conjuncts = (predicate: LocalPredicate): Conjuncts => {
  switch (predicate.op) {
    case "has":
      return { tests: [predicate], samples: [] };
    case "sample":
      return { tests: [], samples: [predicate.of] };
    case "all": {
      const parts = predicate.of.map(conjuncts);
      return { tests: parts.flatMap(({ tests }) => tests), samples: parts.flatMap(({ samples }) => samples) };
    }
    default:
      throw new Unsupported(`wanted a conjunction, got "${predicate.op}"`);
  }
};
