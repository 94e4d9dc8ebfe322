import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import {
  descendantsOf,
  type ProcessEntry,
  readProcess,
  readProcessTable,
} from './process-table.ts';

/** What a process and all that it started use at one moment. */
export interface TreeUsage {
  /** Of those that live, and of those that they have waited for. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** By leader. Leaders that are gone are left out. */
export type TreeUsages = ReadonlyMap<number, TreeUsage>;

export interface TreeUsageReader {
  read(leaders: readonly number[]): TreeUsages | Promise<TreeUsages>;
}

export function openTreeUsage(): TreeUsageReader {
  return process.platform === 'linux' ? new ProcTrees() : { read: readByPidusage };
}

/** Linux counts CPU time for `/proc` in hundredths of a second, whatever the kernel's own clock. */
const TICK_MS = 10;
/** Between two passes over the whole table, which may take this share of the time. */
const TABLE_EVERY_MS = 1_000;
const MOST_SHARE = 0.01;

/**
 * Reads `/proc`. What a process started from its main thread the kernel lists, which makes a look at
 * one tree cost a few files. What other threads started, and what was left behind in the group, only
 * shows in the table of all processes; that is read now and then.
 */
class ProcTrees implements TreeUsageReader {
  #table: readonly ProcessEntry[] = [];
  #nextTableMs = 0;

  read(leaders: readonly number[]): TreeUsages {
    if (performance.now() >= this.#nextTableMs) this.#readTable();
    const found = new Map<number, TreeUsage>();
    for (const leader of leaders) {
      const root = readLiving(leader);
      if (root !== undefined) found.set(leader, this.#sum(root));
    }
    return found;
  }

  #readTable(): void {
    const startedMs = performance.now();
    this.#table = readProcessTable();
    const nowMs = performance.now();
    this.#nextTableMs = nowMs + Math.max(TABLE_EVERY_MS, (nowMs - startedMs) / MOST_SHARE);
  }

  #sum(root: ProcessEntry): TreeUsage {
    let { cpuTicks, residentPages } = root;
    for (const member of this.#membersOf(root)) {
      cpuTicks += member.cpuTicks;
      residentPages += member.residentPages - sharedPages(member.pid);
    }
    return { cpuMs: cpuTicks * TICK_MS, rssBytes: residentPages * pageBytes() };
  }

  #membersOf(root: ProcessEntry): readonly ProcessEntry[] {
    const fromTable = [
      ...descendantsOf(root.pid, this.#table),
      ...this.#table.filter(({ group }) => group === root.pid),
    ];
    const pids = new Set([...fromTable.map(({ pid }) => pid), ...listedBelow(root.pid)]);
    pids.delete(root.pid);
    const living = [...pids].flatMap((pid) => readLiving(pid) ?? []);
    // A number that the table knew may by now be another process.
    return living.filter(
      ({ group, parent }) => group === root.pid || parent === root.pid || pids.has(parent),
    );
  }
}

function readLiving(pid: number): ProcessEntry | undefined {
  const entry = readProcess(pid);
  return entry?.isZombie === true ? undefined : entry;
}

/** Descendants by the kernel's own lists. */
function listedBelow(pid: number): readonly number[] {
  const found = [pid];
  for (const at of found) {
    for (const child of (read(`/proc/${at}/task/${at}/children`) ?? '').split(' ')) {
      if (child !== '') found.push(Number(child));
    }
  }
  return found;
}

/** Program text and shared memory, which would be counted once per process. */
function sharedPages(pid: number): number {
  return Number((read(`/proc/${pid}/statm`) ?? '').split(' ')[2] ?? 0);
}

let knownPageBytes: number | undefined;

/** Node does not tell; it follows from our own size in bytes and in pages. */
function pageBytes(): number {
  if (knownPageBytes !== undefined) return knownPageBytes;
  const pages = Number((read('/proc/self/statm') ?? '').split(' ')[1] ?? 0);
  knownPageBytes = 2 ** Math.round(Math.log2(process.memoryUsage.rss() / pages));
  return knownPageBytes;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // It ended meanwhile, or this kernel has no such list.
  }
}

/** Where there is no `/proc`: the leaders alone, without what they started. */
export async function readByPidusage(leaders: readonly number[]): Promise<TreeUsages> {
  const found = new Map<number, TreeUsage>();
  if (leaders.length === 0) return found;
  const { default: pidusage } = await import('pidusage');
  try {
    for (const [pid, stat] of Object.entries(await pidusage([...leaders]))) {
      found.set(Number(pid), { cpuMs: stat.ctime, rssBytes: stat.memory });
    }
  } catch {
    // None of them is left.
  }
  return found;
}
