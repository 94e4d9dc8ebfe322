import { spawnSync } from 'node:child_process';
import { signalGroup } from './group.ts';

/** A child that was alive then, and led a process group. */
export interface SeenLeader {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly seenAtMs: number;
}

/**
 * Ends the groups of children whose scheduler is gone, where no mark can be read (not Linux). A pid
 * is only theirs if its process began before they were seen: a later owner began after their end.
 */
export function endEarlierGroups(leaders: readonly SeenLeader[], nowMs: number): void {
  if (leaders.length === 0) return;
  const ages = readAges();
  for (const { pid, seenAtMs } of leaders) {
    const ageSeconds = ages.get(pid);
    if (ageSeconds === undefined || nowMs - (ageSeconds + 1) * 1_000 >= seenAtMs) continue;
    signalGroup(pid, 'SIGKILL');
  }
}

/** Whole seconds since each process began, as POSIX `ps` tells them; empty where there is no `ps`. */
function readAges(): ReadonlyMap<number, number> {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=', '-o', 'etime='], { encoding: 'utf8' });
  const lines = (stdout ?? '').split('\n').map((line) => line.trim().split(/\s+/));
  return new Map(lines.map(([pid, age = '']) => [Number(pid), parseElapsedSeconds(age)]));
}

/** `[[days-]hours:]minutes:seconds` */
export function parseElapsedSeconds(text: string): number {
  const [clock = '', days = '0'] = text.split('-').toReversed();
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}
