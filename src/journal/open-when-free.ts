import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf } from './errno.ts';

const LOOK_AGAIN_MS = 100;
const PATIENCE_MS = 30_000;

/** Where no more files may be open, waits until other tasks have ended; the last error is thrown. */
export async function openWhenFree<T>(open: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
    try {
      return await open();
    } catch (error) {
      if (!isCrowded(error) || waitedMs >= PATIENCE_MS) throw error;
    }
    await delay(LOOK_AGAIN_MS);
  }
}

/** No more files may be open, in this process or in the system. */
export function isCrowded(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EMFILE' || errno === 'ENFILE';
}
