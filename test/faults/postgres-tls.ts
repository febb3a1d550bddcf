import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import type { Certificate } from "../certificates.ts";

/** A server that speaks the TLS of PostgreSQL, shows a certificate, and nothing else. */
export type TlsFront = AsyncDisposable & {
  readonly port: number;
  /** Bytes of those who accepted the certificate. */
  readonly heard: () => number;
};

/** PostgreSQL documentation, "SSL Session Encryption": eight bytes ask for TLS, `S` says yes. */
export const postgresTls = async ({ certificate: cert, key }: Certificate): Promise<TlsFront> => {
  const sockets = new Set<Socket>();
  let heard = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    socket.once("data", () => {
      socket.write("S");
      const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert, key }) });
      secure.on("error", () => undefined);
      secure.on("data", (chunk: Buffer) => {
        heard += chunk.length;
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    heard: () => heard,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
