import type { StackFrame } from '../model/failure.ts';
import { shortenPath } from './shorten-path.ts';

/** `at summarise (flows/weather.ts:12:5)` */
export function formatFrame(frame: StackFrame, cwd: string): string {
  const place = `${shortenPath(frame.file, cwd)}:${frame.line}:${frame.column}`;
  return frame.function === undefined ? `at ${place}` : `at ${frame.function} (${place})`;
}
