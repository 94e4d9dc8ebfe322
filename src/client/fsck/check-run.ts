import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readLiveness } from '../../journal/liveness.ts';
import { inspectJournal, journalPath } from '../../journal/read.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { FlowEvent } from '../../model/events.ts';
import { type Hash, taskPath } from '../../model/ids.ts';
import { resultsOf } from '../../model/recorded-result.ts';
import type { RunReference } from '../run-reference.ts';
import { damage, leftover } from './finding.ts';
import { type NamedBlobs, namedBlobs } from './named-blobs.ts';

export interface CheckedRun {
  readonly findings: readonly Diagnostic[];
  /** What it needs from the store. */
  readonly stored: NamedBlobs['stored'];
  /** The prepared flow that it ran, and its graph. */
  readonly code?: string;
  readonly graph?: Hash;
}

/** One run by itself: its header, its journal line by line, and what no sound journal says. */
export function checkRun({ dir, flow, run }: RunReference): CheckedRun {
  const name = `${flow}/${run}`;
  if (!existsSync(journalPath(dir))) {
    if (readLiveness(dir).kind === 'running') return { findings: [], stored: [] };
    const message = `The run ${name} was ended before it began.`;
    return { findings: [leftover('run-empty', message, `remove ${dir}`)], stored: [] };
  }
  const { events, problems, tornBytes } = inspectJournal(dir);
  const findings = [...problems, ...checkEvents(name, events)];
  if (!existsSync(join(dir, 'run.json'))) {
    findings.push(damage('run-header-missing', `The run ${name} has no run.json.`, RESTORE));
  }
  if (tornBytes > 0 && readLiveness(dir).kind !== 'running') {
    const message = `The journal of ${name} ends in ${tornBytes} bytes of a line that was never whole.`;
    findings.push(
      leftover('journal-torn', message, 'its writer was killed in it; readers drop it'),
    );
  }
  const [started] = events;
  return {
    findings,
    stored: events.flatMap((event) => namedBlobs(event).stored),
    ...(started?.type === 'run.started' ? { code: started.code, graph: started.graph } : {}),
  };
}

const RESTORE = 'another program changed it: restore the run from a copy, or run the flow again';

function checkEvents(name: string, events: readonly FlowEvent[]): readonly Diagnostic[] {
  const findings: Diagnostic[] = [];
  const done = new Set<string>();
  for (const event of events) {
    for (const hash of namedBlobs(event).damaged) {
      const message = `Line ${event.seq} of the journal of ${name} holds a value that is not ${hash}.`;
      findings.push(damage('value-corrupt', message, RESTORE));
    }
    for (const { task } of resultsOf(event)) {
      const path = taskPath(task);
      if (done.has(path)) {
        const message = `The journal of ${name} says twice, at last in line ${event.seq}, that ${path} was done.`;
        findings.push(
          damage('task-done-twice', message, 'please report this: two processes wrote it'),
        );
      }
      done.add(path);
    }
  }
  return findings;
}
