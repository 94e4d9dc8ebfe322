import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import type { UsedByTask } from '../model/protocol.ts';

/** What this process used, task by task: each reading counts from the one before. */
export class UsageMeter {
  #toldCpuMs = 0;

  read(): UsedByTask {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const cpuMs = Math.round((userCPUTime + systemCPUTime) / 1e3) + waitedForMs();
    const used = { cpuMs: cpuMs - this.#toldCpuMs, peakRssBytes: highWaterKib(maxRSS) * 1024 };
    this.#toldCpuMs = cpuMs;
    return used;
  }

  /** Before another task in the same process: the peak is its own, where the system forgets one (Linux). */
  forgetPeak(): void {
    try {
      writeFileSync('/proc/self/clear_refs', FORGET_HIGH_WATER);
    } catch {
      // Then it is the peak of all tasks so far.
    }
  }
}

const TICK_MS = 10;
/** See proc(5). */
const FORGET_HIGH_WATER = '5';

/** CPU time of processes that it started and that have ended; only Linux tells. */
function waitedForMs(): number {
  try {
    const stat = readProc('/proc/self/stat');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
  } catch {
    return 0;
  }
}

/** What `getrusage` says is, on Linux, never less than the peak of the parent that forked us. */
function highWaterKib(otherwise: number): number {
  try {
    const status = readProc('/proc/self/status');
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? otherwise);
  } catch {
    return otherwise;
  }
}

const PROC_BYTES = 2 * 1024;

/** Such a file says no size and is read at once: half of what `readFileSync` does is not needed. */
function readProc(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.allocUnsafe(PROC_BYTES);
    return bytes.toString('latin1', 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
