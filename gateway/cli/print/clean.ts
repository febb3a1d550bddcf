/** Makes a text from a bank or the gateway safe to print: without control characters it cannot steer the terminal. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu, " ");
