import { type Duration, parseDurationMs } from '../base/duration.ts';
import { FlowError } from './errors.ts';

/**
 * Milliseconds of a duration that a program gave.
 *
 * @throws FlowError `DURATION_INVALID`.
 */
export function requireDurationMs(duration: Duration): number {
  const ms = parseDurationMs(duration);
  if (ms !== undefined) return ms;
  throw new FlowError(`${JSON.stringify(duration)} is no duration.`, {
    code: 'DURATION_INVALID',
    hint: "give milliseconds, or text such as '30s' or '1h30m'",
  });
}
