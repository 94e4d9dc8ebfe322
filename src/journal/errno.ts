/** The system's name for what went wrong (`ENOSPC`, `EACCES`), or the message where it has none. */
export function errnoOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
