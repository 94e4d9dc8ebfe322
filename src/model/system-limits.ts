/** What the system may lack, and what helps, by the name of its error. */
export interface SystemLimit {
  readonly what: string;
  readonly remedy: string;
}

export function systemLimitOf(errno: string | undefined): SystemLimit | undefined {
  return errno !== undefined && Object.hasOwn(LIMITS, errno) ? LIMITS[errno] : undefined;
}

const LIMITS: { readonly [errno: string]: SystemLimit } = {
  EMFILE: {
    what: 'this process may not open more files',
    remedy: 'raise the limit (ulimit -n) or lower --max-workers',
  },
  ENFILE: {
    what: 'the system has no more room for open files',
    remedy: 'close other programs, or lower --max-workers',
  },
  EAGAIN: {
    what: 'the system starts no more processes',
    remedy: 'raise the limit (ulimit -u, or that of the container) or lower --max-workers',
  },
  ENOMEM: {
    what: 'the system has no more memory',
    remedy: 'close other programs, or lower --max-workers',
  },
  ENOSPC: {
    what: 'no space is left on the disk',
    remedy: 'make room: the temporary folder counts, too',
  },
};
