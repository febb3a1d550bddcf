import { FIELD_NAMES, isNumberField, NOT_RECORDED } from "../../../schema/fields.ts";
import { valuesOf } from "../../../schema/vocabulary.ts";
import { type Card, parseCard } from "../../../schema/wire/card.ts";

const both = (name: string) => ({ en: name, ja: name });

/** A federation of so many banks, each with a centre of its own and every value that a question can name. */
export const manyCards = (count: number): readonly Card[] =>
  Array.from({ length: count }, (_, i) => {
    const id = `bank${i}`;
    return parseCard({
      id,
      name: both(id),
      contact: { name: both("Office"), email: `office@${id}.example` },
      access: { eligible: ["JP_ACADEMIA"] },
      size: { donors: 100, samples: 500, enrolmentsPerPerson: 1 },
      centres: [{ id: `${id}/main`, name: both("Main") }],
      adapter: "fake",
      state: "LIVE",
      capabilities: {
        counts: ["DONORS", "SAMPLES"],
        sameSample: true,
        fields: FIELD_NAMES.map((field) => ({
          field,
          verdict: "EXACT",
          facet: true,
          systems: field === "DISEASE" ? ["ICD10"] : null,
          values: (isNumberField(field) ? [] : valuesOf(field))
            .filter((value) => value !== NOT_RECORDED)
            .map((value) => ({ value: { value, label: both(value) }, verdict: "EXACT" })),
        })),
      },
      disclosure: { threshold: null, zeroShown: true, spread: 0, says: both("Off.") },
    });
  });
