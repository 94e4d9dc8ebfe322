import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Ended, and only waits for its parent to notice. */
  readonly isZombie: boolean;
}

/** All processes of this machine (Linux: /proc). Empty where the system has no such table. */
export function readProcessTable(): readonly ProcessEntry[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readEntry);
}

function readEntry(pid: string): ProcessEntry[] {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return []; // It ended meanwhile.
  }
  // The second field is the program's name in parentheses and may itself hold any character.
  const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isZombie = state === 'Z' || state === 'X';
  return [{ pid: Number(pid), parent: Number(parent), group: Number(group), isZombie }];
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
