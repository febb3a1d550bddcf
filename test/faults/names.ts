import dns from "node:dns";

/** A host name that resolves to this machine, or to nothing; in this process alone, until it is disposed. */
export type Name = Disposable & { readonly host: string; readonly exists: (exists: boolean) => void };

type Callback = (error: Error | null, address?: unknown, family?: number) => void;

/** Replaces dns.lookup, which every client in Node uses. */
export const nameOfThisMachine = (host: string): Name => {
  const real = dns.lookup;
  let there = true;
  const lookup = (name: string, options: { readonly all?: boolean } | Callback, callback: Callback): void => {
    if (name !== host) return void Reflect.apply(real, dns, [name, options, callback]);
    const [all, done] = typeof options === "function" ? [false, options] : [options.all === true, callback];
    const missing = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND", hostname: name });
    setImmediate(() => {
      if (!there) done(missing);
      else if (all) done(null, [{ address: "127.0.0.1", family: 4 }]);
      else done(null, "127.0.0.1", 4);
    });
  };
  dns.lookup = Object.assign(lookup, real);
  return {
    host,
    exists: (exists) => {
      there = exists;
    },
    [Symbol.dispose]() {
      dns.lookup = real;
    },
  };
};
