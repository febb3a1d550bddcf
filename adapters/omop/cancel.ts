import { connect, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as secureConnect } from "node:tls";
import type pg from "pg";

/** What the driver keeps of a session, and how it was reached. */
type Session = {
  readonly processID: number;
  readonly secretKey: number;
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean | ConnectionOptions;
};

const CANCEL_CODE = 80_877_102;
const TLS_CODE = 80_877_103;

/**
 * Asks the server to stop what the client is running there, and waits until it has taken note, at most `timeoutMs`. The
 * request goes over a connection of its own, behind TLS where the client's is, and names the session by the key that it gave
 * us (PostgreSQL documentation, "Canceling Requests in Progress").
 */
export const cancelRequest = (client: pg.Client, timeoutMs: number): Promise<void> => {
  const session = client as unknown as Session;
  const { host, port, ssl } = session;
  const message = codes(CANCEL_CODE, session.processID, session.secretKey);
  return new Promise((resolve) => {
    const socket = host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    socket.setTimeout(timeoutMs, () => socket.destroy());
    socket.on("error", () => undefined).once("close", () => resolve());
    if (ssl === false) {
      socket.end(message);
      socket.resume();
      return;
    }
    socket.write(codes(TLS_CODE));
    socket.once("data", (reply) => {
      if (reply.toString() === "S") sendSecurely(socket, message, session);
      else socket.destroy();
    });
  });
};

const sendSecurely = (socket: Socket, message: Buffer, { host, ssl }: Session): void => {
  const options = typeof ssl === "boolean" ? {} : ssl;
  const name = isIP(host) === 0 ? { servername: host } : {};
  // The driver hides the key from whoever lists what there is.
  const key = options.key === undefined ? {} : { key: options.key };
  const secure = secureConnect({ ...options, ...key, socket, host, ...name });
  secure.on("error", () => socket.destroy());
  secure.once("secureConnect", () => secure.end(message)).resume();
};

/** A message without a type: its length, and 32-bit numbers. */
const codes = (...numbers: readonly number[]): Buffer => {
  const message = Buffer.alloc(4 + 4 * numbers.length);
  for (const [index, number] of [message.length, ...numbers].entries()) message.writeInt32BE(number, 4 * index);
  return message;
};
