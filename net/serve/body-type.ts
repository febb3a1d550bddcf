import type { IncomingMessage } from "node:http";
import { type Refusal, refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";
import { valuesOf } from "./hosts.ts";

/**
 * Why the body of a POST is not read: only JSON in UTF-8 is, as it is and not compressed. A form and plain text could be
 * posted by any page without a preflight. Null: the body is read.
 */
export const bodyTypeRefusal = ({ rawHeaders }: IncomingMessage): Refusal | null => {
  const encodings = valuesOf(rawHeaders, "content-encoding");
  if (encodings.some((encoding) => encoding.trim().toLowerCase() !== "identity")) return ENCODED;
  const types = valuesOf(rawHeaders, "content-type");
  return types.length === 1 && isJsonInUtf8(types[0]!) ? null : NOT_JSON;
};

/** Whether a Content-Type says JSON, with `charset=utf-8` or no charset. Its letter case makes no difference. */
const isJsonInUtf8 = (type: string): boolean => {
  const [, media = "", rest = ""] = /^\s*([^\s;,]+)\s*((?:;.*)?)$/.exec(type) ?? [];
  if (!JSON_TYPES.has(media.toLowerCase())) return false;
  const parameters = [...rest.matchAll(PARAMETER)];
  // What the expression skips is no parameter.
  if (
    parameters
      .map(([all]) => all)
      .join("")
      .trimEnd() !== rest.trimEnd()
  )
    return false;
  const charsets = parameters.flatMap(([, name, quoted, plain = ""]) =>
    name?.toLowerCase() === "charset" ? [(quoted?.replace(/\\(.)/g, "$1") ?? plain).toLowerCase()] : [],
  );
  return charsets.every((charset) => charset === "utf-8" || charset === "utf8");
};

const JSON_TYPES: ReadonlySet<string> = new Set(["application/json", "application/graphql+json"]);

/** One parameter with the semicolon before it; empty ones are allowed. */
const PARAMETER = /\s*;\s*(?:([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~-]+)))?/g;

const ENCODED = refuse("UNSUPPORTED_MEDIA_TYPE", {
  at: "Content-Encoding",
  says: text("wanted a body that is not compressed, got one that is", "圧縮されていない本文が必要です"),
});

const NOT_JSON = refuse("UNSUPPORTED_MEDIA_TYPE", {
  at: "Content-Type",
  says: text("wanted application/json in UTF-8, got something else or nothing", "UTF-8 の application/json が必要です"),
});
