import { readFileSync } from 'node:fs';
import type { UsedByTask } from '../model/protocol.ts';

/** What this process used, task by task: each reading counts CPU time from the one before. */
export class UsageMeter {
  #toldCpuMs = 0;

  read(): UsedByTask {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const cpuMs = Math.round((userCPUTime + systemCPUTime) / 1e3) + waitedForMs();
    const used = { cpuMs: cpuMs - this.#toldCpuMs, peakRssBytes: maxRSS * 1024 };
    this.#toldCpuMs = cpuMs;
    return used;
  }
}

const TICK_MS = 10;

/** CPU time of processes that it started and that have ended; only Linux tells. */
function waitedForMs(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
  } catch {
    return 0;
  }
}
