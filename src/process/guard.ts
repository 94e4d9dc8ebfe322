import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./guard.sh', import.meta.url));
/** A guard that dies right after its start would be started without end. */
const AGAIN_AFTER_MS = 1_000;

export interface Guarded {
  /** In the environment of all that is to end. */
  readonly mark: string;
  /** A folder that goes with them; empty: none. */
  readonly folder: string;
  /** The guard's own environment: without the mark. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A small process that ends what this one leaves behind. It reads a pipe that only we hold: when we
 * are gone, by whatever means, it kills the process groups that it was told of, and whatever else
 * has the mark in its environment, and removes our temporary folder. If it dies before us it is replaced.
 */
export class Guard {
  readonly #guarded: Guarded;
  readonly #groups = new Set<number>();
  #process: ChildProcess | undefined;
  #isClosing = false;

  /** `group` is the first one. */
  constructor(guarded: Guarded, group: number) {
    this.#guarded = guarded;
    this.#groups.add(group);
    this.#start();
  }

  /** The groups that would be killed now. */
  get groups(): ReadonlySet<number> {
    return this.#groups;
  }

  add(group: number): void {
    this.#groups.add(group);
    this.#tell(`+${group}\n`);
  }

  remove(group: number): void {
    this.#groups.delete(group);
    this.#tell(`-${group}\n`);
  }

  /** There is nothing left that it could end. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const guard = this.#process;
    if (guard === undefined) return;
    guard.ref();
    this.#tell('.\n');
    guard.stdin?.end();
    await new Promise((resolve) => guard.once('close', resolve));
  }

  #start(): void {
    const startedAtMs = performance.now();
    const guard = this.#spawn();
    if (guard === undefined) return;
    this.#process = guard;
    guard.once('error', (error) => this.#replace(error));
    guard.once('exit', () => {
      const livedMs = performance.now() - startedAtMs;
      this.#replace(undefined, livedMs < AGAIN_AFTER_MS ? AGAIN_AFTER_MS : 0);
    });
    // It may be gone; its exit says so.
    guard.stdin?.on('error', () => {});
    // A program that has nothing else to do must not wait for its guard.
    guard.unref();
    if (guard.stdin instanceof Socket) guard.stdin.unref();
  }

  #spawn(): ChildProcess | undefined {
    try {
      // A session of its own: what ends a terminal or a group does not end the guard.
      // The groups as arguments: between a start and a first line we could be killed.
      const { mark, folder, env } = this.#guarded;
      return spawn('/bin/sh', [SCRIPT, mark, folder, ...[...this.#groups].map(String)], {
        cwd: '/',
        env,
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
    } catch (error) {
      this.#replace(error);
      return undefined;
    }
  }

  #tell(line: string): void {
    if (this.#process?.stdin?.writable === true) this.#process.stdin.write(line);
  }

  #replace(error: unknown, afterMs = AGAIN_AFTER_MS): void {
    this.#process = undefined;
    if (this.#isClosing) return;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return warn(error);
    setTimeout(() => {
      if (!this.#isClosing) this.#start();
    }, afterMs).unref();
  }
}

/** Slim systems have no shell. Runs work there all the same. */
function warn({ message }: Error): void {
  process.emitWarning(
    `busy tasks will outlive this process if it is killed with SIGKILL: ${message}`,
    { type: 'Millrace', code: 'MILLRACE_NO_GUARD' },
  );
}
