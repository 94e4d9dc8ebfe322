import { errnoOf } from './errno.ts';

/** What helps against an error of the system: of a full process, another thing than of a full disk. */
export function remedyFor(cause: unknown, otherwise: string): string {
  const errno = errnoOf(cause);
  return errno === 'EMFILE' || errno === 'ENFILE'
    ? 'no more files may be open: raise the limit (ulimit -n) or lower --max-workers; the run can be resumed'
    : otherwise;
}
