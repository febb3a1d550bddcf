import { Socket } from "node:net";
import pg, { type ClientConfig } from "pg";
import { secretOf } from "../../net/secrets.ts";
import { tlsTexts } from "../../net/tls.ts";
import type { AdapterContext } from "../adapter.ts";
import type { OmopOptions } from "./options.ts";

/** What the driver needs to log in. @throws {BankError} BANK_REFUSED where a secret or certificate cannot be read */
export const loginOf = async (options: OmopOptions, context: AdapterContext): Promise<ClientConfig> => {
  const { url, host, port, database, user, password, tls } = options;
  const secret = password === undefined ? undefined : await secretOf(password, "password", context);
  const place =
    url === undefined
      ? { host, port, database, user, ...(secret !== undefined && { password: secret }) }
      : { connectionString: secret === undefined ? url : withPassword(url, secret) };
  return {
    ...place,
    ...(tls === undefined ? {} : { ssl: typeof tls === "boolean" ? tls : { ...(await tlsTexts(tls, context)) } }),
  };
};

/** The driver takes the password of a URL, an empty one too, before the one beside it. */
const withPassword = (url: string, secret: string): string => {
  const place = new URL(url);
  place.password = encodeURIComponent(secret);
  return place.href;
};

/** The name by which the server knows our sessions. */
export const APPLICATION = "odan";

/** A client that has yet to connect, and its socket, by which it can be cut off at any time. */
export const clientWithSocket = (config: ClientConfig) => {
  const socket = new Socket();
  return { socket, client: new pg.Client({ ...config, application_name: APPLICATION, stream: () => socket }) };
};
