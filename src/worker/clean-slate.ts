import { countOpenResources } from './open-resources.ts';
import { TaskTimers } from './task-timers.ts';

/** As Node has it: tasks may replace the global one, and theirs are watched. */
const nextTurn = setImmediate;

const MOST_TASKS = 5_000;
const MOST_GROWTH_BYTES = 256 * 2 ** 20;
/** Looking at the memory costs as much as a small task. */
const TASKS_PER_LOOK = 16;

type Listener = (...values: unknown[]) => void;

/**
 * What one task may change for the next in the same process: environment, working directory,
 * listeners of the process, timers. Made before the first task, and wiped after each. What it cannot
 * undo (something left open, memory that grew) makes the process unfit for another task. What it
 * cannot see (the state of modules, globals) stays.
 */
export class CleanSlate {
  readonly #environment = new Map(Object.entries(process.env));
  readonly #cwd = process.cwd();
  readonly #listeners = listenersOfProcess();
  readonly #timers = new TaskTimers();
  readonly #resources = countOpenResources();
  readonly #rssBytes = process.memoryUsage.rss();
  #tasks = 0;

  /** False if the process should not get another task. */
  async wipe(): Promise<boolean> {
    this.#tasks += 1;
    this.#timers.clear();
    this.#restoreListeners();
    process.exitCode = undefined;
    try {
      this.#restoreEnvironment();
      if (process.cwd() !== this.#cwd) process.chdir(this.#cwd);
    } catch {
      return false; // The folder is gone.
    }
    return this.#tasks < MOST_TASKS && !this.#hasGrown() && !(await this.#hasLeftovers());
  }

  #restoreEnvironment(): void {
    let found = 0;
    // Once over all of them: each look at one takes Node as long as a system call.
    for (const name of Object.keys(process.env)) {
      const before = this.#environment.get(name);
      if (before === undefined) {
        delete process.env[name];
        continue;
      }
      found += 1;
      if (process.env[name] !== before) process.env[name] = before;
    }
    if (found === this.#environment.size) return;
    for (const [name, value] of this.#environment) process.env[name] = value;
  }

  #restoreListeners(): void {
    for (const event of new Set([...process.eventNames(), ...this.#listeners.keys()])) {
      const before = this.#listeners.get(event) ?? [];
      const now = listenersOf(event);
      for (const listener of now) {
        if (before.includes(listener)) continue;
        // In a process of its own, the task's end would have been the exit.
        if (event === 'exit') runExitListener(listener);
        process.removeListener(event, listener);
      }
      for (const listener of before) if (!now.includes(listener)) process.on(event, listener);
    }
  }

  /** Servers, sockets, processes, requests under way. A request that has just ended is listed for a turn. */
  async #hasLeftovers(): Promise<boolean> {
    if (!this.#hasMoreOpen()) return false;
    await new Promise((done) => nextTurn(done));
    return this.#hasMoreOpen();
  }

  #hasMoreOpen(): boolean {
    return [...countOpenResources()].some(
      ([type, count]) => count > (this.#resources.get(type) ?? 0),
    );
  }

  #hasGrown(): boolean {
    if (this.#tasks % TASKS_PER_LOOK !== 0) return false;
    return process.memoryUsage.rss() - this.#rssBytes > MOST_GROWTH_BYTES;
  }
}

function listenersOfProcess(): ReadonlyMap<string | symbol, readonly Listener[]> {
  return new Map(process.eventNames().map((event) => [event, listenersOf(event)]));
}

function listenersOf(event: string | symbol): readonly Listener[] {
  return process.rawListeners(event).filter(isListener);
}

function isListener(value: unknown): value is Listener {
  return typeof value === 'function';
}

function runExitListener(listener: Listener): void {
  try {
    listener.call(process, 0);
  } catch {
    // The task has its result; nobody would see this at a real exit either.
  }
}
