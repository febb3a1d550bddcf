/** A question that a local API cannot be asked: BANK_UNSUPPORTED in its slot. */
export class Unsupported extends Error {}
