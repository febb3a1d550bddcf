import { GraphQLError, NoSchemaIntrospectionCustomRule, specifiedRules, type ValidationRule } from "graphql";

const MAX_DEPTH = 7;

/** What Arranger refuses before it executes: too many aliases, too deep a selection, and introspection in production. */
export const limitsOf = (maxAliases: number): readonly ValidationRule[] => [
  ...specifiedRules,
  NoSchemaIntrospectionCustomRule,
  (context) => {
    let aliases = 0;
    let depth = 0;
    let deepest = 0;
    return {
      Field: ({ alias }) => {
        if (alias !== undefined) aliases++;
      },
      SelectionSet: {
        enter: () => {
          depth++;
          deepest = Math.max(deepest, depth);
        },
        leave: () => {
          depth--;
        },
      },
      Document: {
        leave: () => {
          const refuse = (what: string, limit: number, got: number): void =>
            context.reportError(new GraphQLError(`${what} limit of ${limit} exceeded, found ${got}.`));
          if (aliases > maxAliases) refuse("Aliases", maxAliases, aliases);
          if (deepest > MAX_DEPTH) refuse("Query depth", MAX_DEPTH, deepest);
        },
      },
    };
  },
];
