import type { Environment } from "../environment.ts";

/** What the command line touches of its process. */
export type Surroundings = {
  readonly env: Environment;
  readonly colours: boolean;
  /** Text for stdout, without the last line's end. */
  readonly print: (text: string) => void;
  /** One line for stderr. */
  readonly complain: (line: string) => void;
};
