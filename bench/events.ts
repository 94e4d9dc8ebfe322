import type { FlowEvent } from '../src/model/events.ts';

/** What `--json` printed, or a journal. */
export function parseEvents(stdout: string): FlowEvent[] {
  return stdout
    .trim()
    .split('\n')
    .map((line): FlowEvent => JSON.parse(line));
}

/** From the first launch of a step's tasks to the end of the last one. */
export function spanMs(events: readonly FlowEvent[], step: string): number {
  const own = events.filter((event) => 'step' in event && event.step === step);
  return (own.at(-1)?.at ?? 0) - (own[0]?.at ?? 0);
}
