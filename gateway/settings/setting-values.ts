import { z } from "zod";
import { parseHost } from "../../net/serve/hosts.ts";
import { isKeysUrl, JWT_ALGORITHMS } from "../askers/jwt-settings.ts";
import { isAddressBlock } from "../askers/trusted-proxies.ts";

/** The message of a wrong value. */
const wanted = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `wanted ${what}, got ${JSON.stringify(input)}`,
});

/** Any text. */
export const text = z.string();

/** A whole number within bounds. */
export const integer = (least: number, most: number) => {
  const fits = (given: string): boolean => /^\d{1,9}$/.test(given) && Number(given) >= least && Number(given) <= most;
  return text.refine(fits, wanted(`${least} to ${most}`)).transform(Number);
};

const MOST_UNITS = 1_000_000;
/** Units of work, per minute or at once. */
export const units = integer(1, MOST_UNITS);
const isRate = (given: string): boolean => given === "off" || units.safeParse(given).success;
/** Units of work per minute, or `off`. */
export const rate = text
  .refine(isRate, wanted(`1 to ${MOST_UNITS}, or off`))
  .transform((given) => (given === "off" ? given : Number(given)));

/** One of these words. */
export const oneOf = <const T extends readonly string[]>(allowed: T) =>
  z.enum(allowed, wanted(`one of ${allowed.join(", ")}`));

/**
 * One bank: a path, or its URLs with | between them, perhaps after its id and =; a host may be an IPv6 address. Around it
 * commas, colons and spaces.
 */
const BANK_URL = String.raw`https?://(?:\[[^\]]*\])?[^,:|\s]*(?::\d+[^,:|\s]*)?`;
const BANK = new RegExp(String.raw`(?:[^,:=\s]+=)?${BANK_URL}(?:\|${BANK_URL})*|[^,:\s](?:[^,:]*[^,:\s])?`, "gi");
/** Banks: paths and URLs. */
export const banks = text.transform((given): readonly string[] => given.match(BANK) ?? []);

/** Items with commas or spaces between them. */
const list = text.transform((given) => given.split(/[\s,]+/).filter((item) => item !== ""));

const isOrigin = (given: string): boolean => {
  if (given === "*") return true;
  const atPort = given.replace(/:\*$/, ":1");
  return URL.canParse(atPort) && new URL(atPort).origin === atPort;
};
const origin = text.refine(isOrigin, wanted("origins such as https://example.org or http://localhost:*, or *"));
/** Origins of pages, with `*` in place of a port or of all. */
export const origins = list.pipe(z.array(origin));
/** Words, at least one. */
export const words = list.pipe(z.array(text).min(1));
/** Algorithms of signed tokens, at least one. */
export const algorithms = list.pipe(z.array(oneOf(JWT_ALGORITHMS)).min(1));
/** Where an identity provider's keys are. */
export const keysUrl = text.refine(
  isKeysUrl,
  wanted("an https URL, or http on this machine, without user and password"),
);
const addressBlock = text.refine(
  isAddressBlock,
  wanted("addresses or blocks such as 192.0.2.1, 10.0.0.0/8 or fd00::/8"),
);
/** IP addresses and blocks of them. */
export const addressBlocks = list.pipe(z.array(addressBlock));

const isHost = (given: string): boolean => given === "*" || parseHost(given.replace(/^\./, ""))?.port === null;
/** Host names, or `*`. */
export const hosts = list.pipe(
  z.array(text.refine(isHost, wanted("host names without a port, such as odan.example.org, or *"))),
);
