import { performance } from 'node:perf_hooks';
import { continueTimers, pauseTimers } from '../base/active-timer.ts';
import { signalGroup } from './group.ts';
import { Guard } from './guard.ts';
import { killTree } from './kill-tree.ts';
import { endMarked, MARK_VARIABLE } from './marked-processes.ts';

/** What a child gets when it comes under supervision. */
export interface ChildMark {
  /** In the environment of this child and all that it starts. */
  readonly text: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The processes of one run, and that none of them outlives it: each child carries a mark that its
 * descendants inherit, and its group is known to a guard before the child is told anything.
 */
export class Supervisor {
  /** In the environment of every process of this run. */
  readonly mark = createMark();
  /** Started behind the first child: a run inside one process needs none. */
  #guard: Guard | undefined;
  readonly #env: NodeJS.ProcessEnv;
  readonly #folder: string;
  /** A flow may run flows: an inner process has the marks of all the runs around it. */
  readonly #outerMarks: string;
  #count = 0;
  #closed: Promise<void> | undefined;

  /** `folder`: a temporary one, whose owner removes it; where that is killed it goes none the less. */
  constructor(environment: NodeJS.ProcessEnv = process.env, folder = '') {
    const { [MARK_VARIABLE]: outerMarks, ...env } = environment;
    this.#outerMarks = outerMarks === undefined ? '' : `${outerMarks} `;
    this.#env = env;
    this.#folder = folder;
    watchExit();
    living.add(this);
  }

  markChild(env: NodeJS.ProcessEnv): ChildMark {
    this.#count += 1;
    const text = `${this.mark}.${this.#count}.`;
    return { text, env: { ...env, [MARK_VARIABLE]: this.#outerMarks + text } };
  }

  /** The child leads this group. Call it before the child is told anything. */
  add(group: number): void {
    if (this.#guard !== undefined) return this.#guard.add(group);
    this.#guard = new Guard({ mark: this.mark, folder: this.#folder, env: this.#env }, group);
  }

  /** Nothing of the group is left. */
  remove(group: number): void {
    this.#guard?.remove(group);
  }

  /** Ends what a child left behind, wherever it went (Linux). */
  async endChild({ text }: ChildMark): Promise<void> {
    await endMarked(text);
  }

  /** Ends everything that is left of the run. */
  async close(): Promise<void> {
    living.delete(this);
    if (this.#count > 0) this.#closed ??= this.#end();
    await this.#closed;
  }

  async #end(): Promise<void> {
    this.killGroups();
    await endMarked(this.mark);
    await this.#guard?.close();
  }

  /** `SIGSTOP` or `SIGCONT`, for all that runs. */
  signalGroups(signal: NodeJS.Signals): void {
    for (const group of this.#guard?.groups ?? []) signalGroup(group, signal);
  }

  killGroups(): void {
    for (const group of this.#guard?.groups ?? []) killTree(group);
  }
}

/** A program may put one in its place that always begins with the same. */
const { random } = Math;
let marks = 0;

/**
 * The pid and start of this process are no other's on this machine, chance tells containers apart. All marks
 * are equally long: none is the beginning of another. Node's `randomUUID` takes longer to load than a child
 * to start.
 */
function createMark(): string {
  marks += 1;
  const parts = [process.pid, performance.timeOrigin * 1e3, marks, random() * 2 ** 32];
  return parts.map((part) => Math.floor(part).toString(16).padStart(14, '0')).join('-');
}

const living = new Set<Supervisor>();
let isWatching = false;

/**
 * Stops all children, then this process, as Ctrl-Z asks for; returns when it was told to go on and they
 * do. No timeout and no grace passes meanwhile.
 */
export function suspend(): void {
  pauseTimers();
  for (const supervisor of living) supervisor.signalGroups('SIGSTOP');
  process.kill(process.pid, 'SIGSTOP');
  for (const supervisor of living) supervisor.signalGroups('SIGCONT');
  continueTimers();
}

/** However this process exits, its children are gone first. */
function watchExit(): void {
  if (isWatching) return;
  isWatching = true;
  process.once('exit', () => {
    for (const supervisor of living) supervisor.killGroups();
  });
}
