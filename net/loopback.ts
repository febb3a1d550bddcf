/** Whether a host is this machine by its name alone: 127.0.0.0/8, ::1, localhost. IPv6 addresses with or without brackets. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|[\w.-]+\.localhost|127(\.\d{1,3}){3}|(::ffff:)?127(\.\d{1,3}){3}|::1)$/i.test(
    host.replace(/^\[(.*)\]$/, "$1"),
  );
