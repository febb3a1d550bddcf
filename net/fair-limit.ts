export type FairLimitOptions = {
  /** Places: how many run at the same time. One party has at most half of them, and at least one. */
  readonly atOnce: number;
  /** Seats: how many wait. One party has at most a quarter of them, and at least one. */
  readonly seats: number;
  /** Makes the error for a call that finds no seat, or loses its seat to a party that has fewer. */
  readonly full: () => Error;
};

type Seat = { readonly go: () => void; readonly refuse: (why: unknown) => void };
type Party = { running: number; readonly seats: Set<Seat> };

/**
 * A limit of what runs at the same time, shared fairly: turns go round by party, whatever each of them asks for. Where every
 * seat is taken, a party that has fewer of them gets the last seat of the one that has most.
 */
export const fairLimit = ({ atOnce, seats, full }: FairLimitOptions) => {
  const placesEach = Math.max(1, Math.floor(atOnce / 2));
  const seatsEach = Math.max(1, Math.floor(seats / 4));
  /** Parties that run or wait, in the order of their next turns. */
  const parties = new Map<string, Party>();
  let running = 0;
  let waiting = 0;

  const partyOf = (name: string): Party => {
    const party = parties.get(name) ?? { running: 0, seats: new Set() };
    parties.set(name, party);
    return party;
  };
  const forget = (name: string, { running, seats }: Party): void => {
    if (running === 0 && seats.size === 0) parties.delete(name);
  };
  const start = (party: Party): void => {
    running += 1;
    party.running += 1;
  };
  const hasPlace = (party: Party): boolean => running < atOnce && party.running < placesEach;

  const nextTurn = (): void => {
    for (const [name, party] of parties) {
      const [seat] = party.seats;
      if (seat === undefined || !hasPlace(party)) continue;
      parties.delete(name);
      parties.set(name, party);
      start(party);
      seat.go();
      return;
    }
  };

  /** @throws what `full` makes */
  const makeRoom = (party: Party): void => {
    if (party.seats.size >= seatsEach) throw full();
    if (waiting < seats) return;
    const longest = [...parties.values()].reduce((most, other) => (other.seats.size > most.seats.size ? other : most));
    if (longest.seats.size <= party.seats.size + 1) throw full();
    [...longest.seats].at(-1)?.refuse(full());
  };
  const takePlace = async (party: Party, signal: AbortSignal): Promise<void> => {
    if (party.seats.size === 0 && hasPlace(party)) return start(party);
    makeRoom(party);
    waiting += 1;
    await sit(party.seats, signal, () => {
      waiting -= 1;
    });
  };

  return {
    /**
     * Runs a party's work in its turn. Rejects as `work` does, with the signal's reason if that aborts while the work waits,
     * and with what `full` makes.
     */
    async run<R>(name: string, signal: AbortSignal, work: () => Promise<R>): Promise<R> {
      signal.throwIfAborted();
      const party = partyOf(name);
      try {
        await takePlace(party, signal);
      } catch (error) {
        forget(name, party);
        throw error;
      }
      try {
        return await work();
      } finally {
        running -= 1;
        party.running -= 1;
        forget(name, party);
        nextTurn();
      }
    },
  };
};

/** Takes the last of these seats until it is called or refused. Rejects with the signal's reason when that aborts. */
const sit = (seats: Set<Seat>, signal: AbortSignal, left: () => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const leave = (): void => {
      signal.removeEventListener("abort", stop);
      seats.delete(seat);
      left();
    };
    const seat: Seat = {
      go() {
        leave();
        resolve();
      },
      refuse(why) {
        leave();
        reject(why);
      },
    };
    const stop = (): void => seat.refuse(signal.reason);
    seats.add(seat);
    signal.addEventListener("abort", stop, { once: true });
  });
