import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Ended, and only waits for its parent to notice. */
  readonly isZombie: boolean;
  /** CPU time of the process and of the children that it has waited for, in ticks of the system. */
  readonly cpuTicks: number;
  readonly residentPages: number;
}

/** All processes of this machine (Linux: /proc). Empty where the system has no such table. */
export function readProcessTable(): readonly ProcessEntry[] {
  return listProcesses().flatMap((pid) => readProcess(pid) ?? []);
}

/**
 * The numbers of all processes (Linux). Empty also where this process may open no more files: who ends
 * processes then ends what it knows, and the guard, which has files of its own, the rest.
 */
export function listProcesses(): readonly number[] {
  if (process.platform !== 'linux') return [];
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Fields by their numbers in proc(5); what stands before is the pid, the name and the state. */
const FIRST_NUMBER = 4;

/** One row of the table (Linux); undefined if there is no such process. */
export function readProcess(pid: number): ProcessEntry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined; // It ended meanwhile.
  }
  // The second field is the program's name in parentheses and may itself hold any character.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const numbers = fields.map(Number);
  const at = (field: number): number => numbers[field - FIRST_NUMBER] ?? 0;
  return {
    pid,
    parent: at(4),
    group: at(5),
    isZombie: state === 'Z' || state === 'X',
    cpuTicks: at(14) + at(15) + at(16) + at(17),
    residentPages: at(24),
  };
}

/** The processes below one, nearest first. Those that were given to init are not found. */
export function descendantsOf(
  pid: number,
  table: readonly ProcessEntry[],
): readonly ProcessEntry[] {
  const found: ProcessEntry[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = table.filter((entry) => parents.has(entry.parent));
    found.push(...children);
    parents = new Set(children.map((entry) => entry.pid));
  }
  return found;
}
