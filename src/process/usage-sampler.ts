import { performance } from 'node:perf_hooks';
import { FleetingSet } from '../base/fleeting.ts';
import { openTreeUsage, type TreeUsage, type TreeUsageReader } from './tree-usage.ts';

export interface WatchOptions {
  /** Called with each sample; looked at more often than other trees. */
  readonly onSample?: (usage: TreeUsage) => void;
}

/** The highest figures of one tree so far; undefined before its first sample. */
export interface WatchedTree {
  readonly highest: TreeUsage | undefined;
  stop(): void;
}

/** Between two looks; a tree with a limit is looked at more often. */
const RELAXED_MS = 500;
const URGENT_MS = 50;
/** Looking may take this share of the time, however many tasks run. */
const MOST_SHARE = 0.02;
const FIRST_COST_MS = 0.5;

class Watch implements WatchedTree {
  readonly pid: number;
  readonly onSample: ((usage: TreeUsage) => void) | undefined;
  highest: TreeUsage | undefined;
  readonly #onStop: (watch: Watch) => void;

  constructor(pid: number, { onSample }: WatchOptions, onStop: (watch: Watch) => void) {
    this.pid = pid;
    this.onSample = onSample;
    this.#onStop = onStop;
  }

  stop(): void {
    this.#onStop(this);
  }
}

/**
 * Looks at the trees of all running tasks, with one timer. A task that ends before the first look
 * costs nothing.
 */
export class UsageSampler {
  readonly #trees: TreeUsageReader;
  readonly #watches = new FleetingSet<Watch>();
  #timer: NodeJS.Timeout | undefined;
  #costMs = 0;

  constructor(trees: TreeUsageReader = openTreeUsage()) {
    this.#trees = trees;
  }

  watch(pid: number, options: WatchOptions = {}): WatchedTree {
    const watch = new Watch(pid, options, this.#stop);
    this.#watches.add(watch);
    if (this.#timer !== undefined && watch.onSample !== undefined) this.#cancel();
    this.#schedule();
    return watch;
  }

  readonly #stop = (watch: Watch): void => {
    this.#watches.delete(watch);
    if (this.#watches.size === 0) this.#cancel();
  };

  #schedule(): void {
    if (this.#timer !== undefined || this.#watches.size === 0) return;
    const isUrgent = [...this.#watches].some(({ onSample }) => onSample !== undefined);
    const delayMs = Math.max(isUrgent ? URGENT_MS : RELAXED_MS, this.#costMs / MOST_SHARE);
    this.#timer = setTimeout(() => void this.#look(), delayMs);
    this.#timer.unref();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const startedMs = performance.now();
    const watches = [...this.#watches];
    const found = await this.#trees.read(watches.map(({ pid }) => pid));
    // One look that was interrupted by others says little: the estimate grows step by step.
    this.#costMs = Math.min(performance.now() - startedMs, this.#costMs * 2 + FIRST_COST_MS);
    this.#timer = undefined;
    for (const watch of watches) {
      const usage = found.get(watch.pid);
      if (usage !== undefined && this.#watches.has(watch)) keep(watch, usage);
    }
    this.#schedule();
  }
}

function keep(watch: Watch, usage: TreeUsage): void {
  watch.highest = {
    cpuMs: Math.max(usage.cpuMs, watch.highest?.cpuMs ?? 0),
    rssBytes: Math.max(usage.rssBytes, watch.highest?.rssBytes ?? 0),
  };
  watch.onSample?.(usage);
}
