import { performance } from 'node:perf_hooks';
import type { Usage } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { UsedByTask } from '../model/protocol.ts';
import type { OomKills } from '../process/oom-kills.ts';
import type { TreeUsage } from '../process/tree-usage.ts';
import type { UsageSampler, WatchedTree } from '../process/usage-sampler.ts';
import { MemoryCurve } from './memory-curve.ts';

export interface MonitorOptions {
  readonly sampler: UsageSampler;
  readonly oomKills: OomKills;
  readonly pid: number | undefined;
  /** What the process had used for other tasks before this one. */
  readonly cpuMsBefore: number;
  /** The most that the tree may use. */
  readonly memoryBytes?: number;
  /** Called once, when it uses more. */
  readonly onExceeded: (failure: Failure) => void;
}

/** V8's last words, whatever the Node version. */
const HEAP_MARK = 'JavaScript heap out of memory';
const HEAP_EXIT_CODE = 134;

/** What one attempt uses while it runs, and what that says about its end. */
export class AttemptMonitor {
  readonly #options: MonitorOptions;
  readonly #tree: WatchedTree | undefined;
  readonly #startedMs = performance.now();
  readonly #curve = new MemoryCurve();
  /** The end of stderr that may hold the beginning of the mark. */
  #errors = '';
  #heapWasFull = false;
  #isExceeded = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
    const { sampler, pid, memoryBytes } = options;
    const onSample = (usage: TreeUsage): void => this.#look(usage);
    this.#tree =
      pid === undefined
        ? undefined
        : sampler.watch(pid, memoryBytes === undefined ? {} : { onSample });
  }

  readErrors(bytes: Uint8Array): void {
    if (this.#heapWasFull) return;
    const text =
      this.#errors + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    this.#heapWasFull = text.includes(HEAP_MARK);
    this.#errors = text.slice(-HEAP_MARK.length);
  }

  /** What is known of the cause of a death beyond its signal or exit code. */
  explain(failure: Failure): Failure {
    if (failure.kind !== 'signal' && failure.kind !== 'exit') return failure;
    const usedBytes = this.#tree?.highest?.rssBytes;
    const used = usedBytes === undefined ? {} : { usedBytes };
    if (this.#heapWasFull && isAbort(failure)) {
      const { memoryBytes } = this.#options;
      const limit = memoryBytes === undefined ? {} : { limitBytes: memoryBytes };
      return { kind: 'out-of-memory', by: 'heap', ...limit, ...used };
    }
    if (
      failure.kind === 'signal' &&
      failure.signal === 'SIGKILL' &&
      this.#options.oomKills.claim()
    ) {
      return { kind: 'out-of-memory', by: 'kernel', ...used };
    }
    return failure;
  }

  /** The last figures; `told` is what the process said of itself at its end. */
  end(told: UsedByTask | undefined): Pick<Usage, 'cpuMs' | 'peakRssBytes'> {
    this.#tree?.stop();
    const figures = [toldUsage(told), this.#sampled()].filter((one) => one !== undefined);
    if (figures.length === 0) return {};
    return {
      cpuMs: Math.max(...figures.map(({ cpuMs }) => cpuMs)),
      peakRssBytes: Math.max(...figures.map(({ rssBytes }) => rssBytes)),
    };
  }

  #sampled(): TreeUsage | undefined {
    const highest = this.#tree?.highest;
    if (highest === undefined) return undefined;
    return { ...highest, cpuMs: Math.max(0, highest.cpuMs - this.#options.cpuMsBefore) };
  }

  #look({ rssBytes: bytes }: TreeUsage): void {
    const { memoryBytes: limitBytes, onExceeded } = this.#options;
    const sample = { atMs: Math.round(performance.now() - this.#startedMs), bytes };
    this.#curve.add(sample);
    if (limitBytes === undefined || bytes <= limitBytes || this.#isExceeded) return;
    this.#isExceeded = true;
    const curve = this.#curve.upTo(sample);
    onExceeded({ kind: 'out-of-memory', by: 'limit', limitBytes, usedBytes: bytes, curve });
  }
}

function toldUsage(told: UsedByTask | undefined): TreeUsage | undefined {
  return told === undefined ? undefined : { cpuMs: told.cpuMs, rssBytes: told.peakRssBytes };
}

/** V8 aborts; a shell in between turns the signal into a code. */
function isAbort(failure: Failure): boolean {
  return failure.kind === 'signal'
    ? failure.signal === 'SIGABRT' || failure.signal === 'SIGTRAP' || failure.signal === 'SIGILL'
    : failure.kind === 'exit' && failure.code === HEAP_EXIT_CODE;
}
