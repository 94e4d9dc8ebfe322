import { InternalError } from './errors.ts';
import type { RunId } from './ids.ts';

/**
 * A run id is 9 characters of milliseconds and 4 of chance, base32. Digits sort before letters, so
 * ids sort by time as text; it starts with a digit (until the year 2318) and flow names with a
 * letter, so neither is ever taken for the other. The alphabet leaves out i, l, o, u (Crockford's).
 */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LENGTH = 9;
const RUN_ID = /^[0-9][0-9a-hjkmnp-tv-z]{12}$/;

/** How many random bytes {@link createRunId} consumes. */
export const RUN_ID_RANDOM_BYTES = 4;

export function createRunId(nowMs: number, randomBytes: Uint8Array): RunId {
  let id = '';
  for (let rest = nowMs; id.length < TIME_LENGTH; rest = Math.floor(rest / 32)) {
    id = ALPHABET.charAt(rest % 32) + id;
  }
  for (let at = 0; at < RUN_ID_RANDOM_BYTES; at += 1) {
    id += ALPHABET.charAt((randomBytes[at] ?? 0) % 32);
  }
  if (!isRunId(id)) throw new InternalError(`no run id for the time ${nowMs}`);
  return id;
}

export function isRunId(text: string): text is RunId {
  return RUN_ID.test(text);
}

/** When the run was made, in milliseconds since the epoch. */
export function runIdTime(run: RunId): number {
  let timeMs = 0;
  for (const character of run.slice(0, TIME_LENGTH)) {
    timeMs = timeMs * 32 + ALPHABET.indexOf(character);
  }
  return timeMs;
}
