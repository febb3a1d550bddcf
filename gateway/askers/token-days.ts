/** Days that a token lasts where its administrator does not say, and at most. */
export const TOKEN_DAYS = { usual: 90, longest: 366 } as const;
