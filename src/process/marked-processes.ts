import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { trySignal } from './group.ts';
import { listProcesses } from './process-table.ts';

/**
 * Processes are told apart by a mark in their environment: it is random, a process has it from its
 * start to its end, and its descendants inherit it, wherever they went. So what is found by a mark is
 * never a stranger that got an old pid. Only Linux shows the environment of other processes.
 */
export const MARK_VARIABLE = 'MILLRACE_MARK';

/** Living processes that inherited the mark; this one is never among them. */
export function findMarked(mark: string): readonly number[] {
  return listProcesses().filter((pid) => pid !== process.pid && hasMark(pid, mark));
}

const LOOK_AGAIN_MS = 5;
const DYING_MS = 2_000;

/** Kills until none is left; returns those that the system does not end (stuck in a device). */
export async function endMarked(mark: string): Promise<readonly number[]> {
  let left = findMarked(mark);
  for (let waitedMs = 0; left.length > 0 && waitedMs < DYING_MS; waitedMs += LOOK_AGAIN_MS) {
    for (const pid of left) trySignal(pid, 'SIGKILL');
    await delay(LOOK_AGAIN_MS);
    left = findMarked(mark);
  }
  return left;
}

function hasMark(pid: number, mark: string): boolean {
  try {
    // A zombie has no environment any more.
    return readFileSync(`/proc/${pid}/environ`).includes(mark);
  } catch {
    return false; // It ended meanwhile, or is another user's.
  }
}
