/** Variables by name; one that is not set is undefined. */
export type Environment = { readonly [name: string]: string | undefined };

/** The environment of this process: handed down from here. Apart from config.ts, which a question has no need to load. */
export const environment: Environment = process.env;
