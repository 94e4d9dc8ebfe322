import type { Time } from '../model/ports/clock.ts';

/** setTimeout's own limit; a longer delay is waited for in pieces. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time of this machine. */
export const SYSTEM_TIME: Time = {
  now: () => Date.now(),
  after: (delayMs, callBack) => {
    let remainingMs = delayMs;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const pieceMs = Math.min(remainingMs, LONGEST_TIMER_MS);
      remainingMs -= pieceMs;
      timer = setTimeout(remainingMs > 0 ? wait : callBack, pieceMs);
    };
    wait();
    return () => clearTimeout(timer);
  },
};
