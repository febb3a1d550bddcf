import { connect } from "node:net";

/** What a server on this machine sends for these very bytes, up to the end of the connection. */
export const exchange = (url: string, ...bytes: readonly (string | Uint8Array)[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let received = "";
    socket
      .on("data", (chunk) => {
        received += String(chunk);
      })
      .on("end", () => resolve(received))
      .on("error", reject);
    for (const part of bytes) socket.write(part);
  });
