import { setTimeout as delay } from 'node:timers/promises';
import { readProcessTable } from './process-table.ts';

/** Signals every process of a group. False if there is none left that we may signal. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  return trySignal(-group, signal);
}

/** Signals one process, or a group by its negative number; false if it is gone or not ours. */
export function trySignal(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal);
  } catch {
    return false;
  }
}

/** Whether a group has a member that still runs. Zombies do not count where we can tell (Linux). */
export function groupAlive(group: number): boolean {
  if (!trySignal(-group, 0)) return false;
  const table = readProcessTable();
  if (table.length === 0) return true;
  return table.some((entry) => entry.group === group && !entry.isZombie);
}

const DYING_MS = 250;
const LOOK_AGAIN_MS = 5;

/** Kills what is left of a group and waits, within bounds, until the system has ended it. */
export async function endGroup(group: number): Promise<void> {
  if (!signalGroup(group, 'SIGKILL')) return;
  for (let waitedMs = 0; waitedMs < DYING_MS && groupAlive(group); waitedMs += LOOK_AGAIN_MS) {
    await delay(LOOK_AGAIN_MS);
  }
}
