import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';
/**
 * Below the ports that Linux (from 32768) and macOS (from 49152) give away by themselves: so nobody
 * gets one by chance between our look and the moment when a member listens on it.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;
const MOST_TRIES = 100;

/**
 * Addresses for the members of gangs to meet at. A port is looked at, not held: a program that takes
 * it on purpose wins, then the member's listen fails and a retry gets another one. Holding it would
 * keep out members that do not ask to share it. No two gangs of a run have the same one.
 */
export class MeetingPlaces {
  readonly #lent = new Set<string>();

  /** `host:port`, free when it was looked at. */
  async lend(): Promise<string> {
    for (let tries = 1; ; tries += 1) {
      // Where a hundred are taken, the system knows better.
      const wanted = tries > MOST_TRIES ? 0 : randomInt(FIRST_PORT, LAST_PORT + 1);
      const port = await freePort(wanted);
      const address = `${HOST}:${port}`;
      if (port === undefined || this.#lent.has(address)) continue;
      this.#lent.add(address);
      return address;
    }
  }

  takeBack(address: string): void {
    this.#lent.delete(address);
  }
}

/** The port, if nobody listens on it. */
function freePort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: HOST, port: wanted, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      server.close(() => resolve(port));
    });
  });
}
