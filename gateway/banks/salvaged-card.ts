import { text } from "../../schema/text.ts";
import { type Card, parseCard } from "../../schema/wire/card.ts";

/**
 * A card for a bank whose own one breaks the contract: the members that are as they should be, and of the others that nothing
 * is known. So the bank is listed, BROKEN and without bounds, instead of missing from totals.
 * @param id that the bank must have; default: the one that it says
 * @returns null where the card names no bank
 */
export const salvagedCard = (json: unknown, id?: string): Card | null => {
  const sent = typeof json === "object" && json !== null ? Object.entries(json) : [];
  const said: unknown = sent.find(([key]) => key === "id")?.[1];
  const own = id ?? said;
  if (typeof own !== "string" || !/^[a-z][a-z0-9-]*$/.test(own)) return null;
  let card = parseCard(unknownCard(own), own);
  // What comes under another bank's id says nothing of this one.
  if (said !== own) return card;
  for (const [key, value] of sent) {
    try {
      card = parseCard({ ...card, [key]: value }, own);
    } catch {
      // This member stays unknown.
    }
  }
  return card;
};

const unknownCard = (id: string): object => ({
  id,
  name: { ...text(id, id), missing: null },
  contact: { name: { ...text("unknown", "不明"), missing: null }, email: "" },
  access: { eligible: [] },
  size: { donors: null, samples: null, enrolmentsPerPerson: 1 },
  centres: [],
  adapter: "unknown",
  state: "LIVE",
  capabilities: { counts: [], sameSample: false, fields: [] },
  disclosure: {
    threshold: null,
    zeroShown: false,
    spread: 0,
    says: {
      ...text("What this bank says of itself cannot be read.", "このバンクの自己記述を読み取れません。"),
      missing: null,
    },
  },
});
