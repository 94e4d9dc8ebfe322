import { isCrowded } from './open-when-free.ts';

/** What helps against an error of the system: of a full process, another thing than of a full disk. */
export function remedyFor(cause: unknown, otherwise: string): string {
  return isCrowded(cause)
    ? 'no more files may be open: raise the limit (ulimit -n) or lower --max-workers; the run can be resumed'
    : otherwise;
}
