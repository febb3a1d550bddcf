import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  type ValidationContext,
  validate,
} from "graphql";
import { LRUCache } from "lru-cache";
import { isDeepDocument } from "../../net/nesting.ts";
import type { FaultCode } from "../../schema/faults.ts";

/** Characters and tokens of a document. The longest of a gateway, the one of the card, has some 1,500 characters. */
const LONGEST = 8 * 1024;
const TOKENS = 1_000;
/** Aliases of a document: the command line gives its mutation one. */
const ALIASES = 1;
/** Documents that are kept: gateways send a handful, of few versions. */
const KEPT = 100;

/** Returns a document, or the errors for which it is refused. */
export type Documents = (text: string) => DocumentNode | readonly GraphQLError[];

/**
 * Parses and validates documents. Those of gateways name one field of the contract and have no aliases: without aliases no document
 * gives more than the contract has.
 * @param strict whether a document that no gateway sends is refused: one with several root fields, fragments or introspection
 */
export const contractDocuments = (schema: GraphQLSchema, strict: boolean): Documents => {
  const kept = new LRUCache<string, DocumentNode>({ max: KEPT });
  const rules = [...specifiedRules, fewAliases, ...(strict ? [oneField] : [])];
  return (text) => {
    if (text.length > LONGEST) return [tooCostly(`wanted a document of at most ${LONGEST} characters, got more`)];
    const known = kept.get(text);
    if (known !== undefined) return known;
    if (isDeepDocument(text)) return [new GraphQLError("The document is nested too deep.", coded("TOO_DEEP"))];
    try {
      const document = parse(text, { maxTokens: TOKENS });
      const errors = validate(schema, document, rules, { maxErrors: 5 });
      if (errors.length > 0) return errors;
      kept.set(text, document);
      return document;
    } catch (error) {
      return [error instanceof GraphQLError ? error : new GraphQLError("The document cannot be read.")];
    }
  };
};

const fewAliases = (context: ValidationContext): ASTVisitor => {
  let aliases = 0;
  return {
    Field({ alias }) {
      if (alias !== undefined) aliases += 1;
    },
    Document: {
      leave() {
        if (aliases > ALIASES) context.reportError(tooCostly(`wanted at most ${ALIASES} alias, got ${aliases}`));
      },
    },
  };
};

const oneField = (context: ValidationContext): ASTVisitor => ({
  OperationDefinition({ selectionSet: { selections } }) {
    const [field] = selections;
    const isPlain = selections.length === 1 && field?.kind === "Field" && !field.name.value.startsWith("__");
    if (!isPlain) context.reportError(tooCostly("wanted a document with one field of the contract, got another one"));
  },
  FragmentDefinition() {
    context.reportError(tooCostly("wanted a document without fragments, got one with some"));
  },
});

const tooCostly = (message: string): GraphQLError => new GraphQLError(message, coded("TOO_COSTLY"));
const coded = (code: FaultCode) => ({ extensions: { code } });
