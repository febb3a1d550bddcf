import { createHash } from "node:crypto";

/** SHA-256 of a body in base64url; a text is its UTF-8. */
export const digestOf = (body: string | Uint8Array): string => createHash("sha256").update(body).digest("base64url");
