import type { BankYaml } from "../mapping/bank-yaml.ts";

/** What a bank.yaml says under `disclosure`. */
export type Policy = BankYaml["disclosure"];

/** The secret of one bank that its noise is drawn from; `digest` names it and tells nothing of it. */
export type DisclosureKey = { readonly secret: Uint8Array; readonly digest: string };

/** The policy in force as askers see it, `Bank.disclosure`. */
export const publicPolicy = (_policy: Policy) => ({
  threshold: null,
  zeroShown: true,
  spread: 0,
  says: {
    en: "Disclosure control is off: numbers are shown as they were counted.",
    ja: "開示制御は無効です。集計したままの数を表示します。",
    missing: null,
  },
});
