import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Kills of the kernel's since this was made, each of which explains one death. */
export class OomKills {
  readonly #root: string;
  #explained: number | undefined;

  constructor(root = '/') {
    this.#root = root;
    this.#explained = countOomKills(root);
  }

  /** Whether a process that died of SIGKILL now can have died of that. */
  claim(): boolean {
    if (this.#explained === undefined) return false;
    if ((countOomKills(this.#root) ?? 0) <= this.#explained) return false;
    this.#explained += 1;
    return true;
  }
}

/**
 * How many processes the kernel has killed for want of memory so far: in our control group, else on
 * this machine. Undefined where the system does not say.
 */
function countOomKills(root: string): number | undefined {
  const places = [...groupPlaces(root), join(root, 'proc/vmstat')];
  for (const place of places) {
    const count = readCount(place);
    if (count !== undefined) return count;
  }
  return undefined;
}

/** A container may see its own group's files at the top instead of under the group's name. */
function groupPlaces(root: string): string[] {
  const [unified, memory] = ['sys/fs/cgroup', 'sys/fs/cgroup/memory'].map((dir) => join(root, dir));
  return (read(join(root, 'proc/self/cgroup')) ?? '').split('\n').flatMap((line) => {
    const [, controllers, group = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === '') return ofGroup(unified ?? '', group, 'memory.events');
    const isMemory = controllers?.split(',').includes('memory') === true;
    return isMemory ? ofGroup(memory ?? '', group, 'memory.oom_control') : [];
  });
}

function ofGroup(dir: string, group: string, file: string): string[] {
  return [join(dir, group, file), join(dir, file)];
}

function readCount(path: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(read(path) ?? '')?.[1];
  return count === undefined ? undefined : Number(count);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
