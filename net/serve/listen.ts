import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server cannot listen at its port or address. The message is one line for the operator. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** Listens, and returns the server's origin such as http://127.0.0.1:4000. `port` 0: any free one. @throws {ListenError} */
export const listen = (
  server: Server,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(new ListenError(reasonOf(cause, host, port), { cause })));
    server.listen(port, host, () => {
      const { address, family, port: bound } = server.address() as AddressInfo;
      resolve(`http://${family === "IPv6" ? `[${address}]` : address}:${bound}`);
    });
  });

const reasonOf = ({ code, message }: NodeJS.ErrnoException, host: string, port: number): string => {
  if (code === "EADDRINUSE")
    return `PORT ${port} is in use: another program listens there. Stop it, or set PORT to another.`;
  if (code === "EACCES") return `PORT ${port} is not allowed to this user. Set PORT to one above 1023.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `HOST ${host} is no address of this machine. Set HOST to one that is.`;
  return `HOST ${host}, PORT ${port}: ${message}`;
};
