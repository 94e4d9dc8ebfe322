import type { Diagnostic } from '../../model/diagnostic.ts';

/** Something is lost or wrong. */
export function damage(code: string, message: string, hint: string): Diagnostic {
  return { code, severity: 'error', message, hint };
}

/** What a kill leaves: it takes room, and nothing reads it. */
export function leftover(code: string, message: string, hint: string): Diagnostic {
  return { code, severity: 'warning', message, hint };
}
