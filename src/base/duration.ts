const UNIT_MS = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** A length of time: milliseconds, or text such as `'500ms'`, `'30s'`, `'1.5h'`, `'1h30m'`. */
export type Duration = number | string;

const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/y;

/** Milliseconds of a duration, or `undefined` if it is not one (negative, not finite, or other text). */
export function parseDurationMs(duration: Duration): number | undefined {
  if (typeof duration === 'number') {
    return Number.isFinite(duration) && duration >= 0 ? duration : undefined;
  }
  const text = duration.trim();
  if (text === '') return undefined;
  let totalMs = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (match === null) return undefined;
    totalMs += Number(match[1]) * (UNIT_MS.get(match[2] ?? '') ?? 0);
  }
  return totalMs;
}

/** A person's reading of a duration: `850 ms`, `3.2 s`, `4 m 05 s`, `2 h 10 m`. */
export function formatDurationMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${pad(Math.floor((seconds % 3_600) / 60))} m`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
