import { rm } from 'node:fs/promises';
import { FlowError } from '../model/errors.ts';
import { requireDurationMs } from '../model/require-duration.ts';
import { type KillOptions, Subprocess, type SubprocessOptions } from './subprocess.ts';
import { Supervisor } from './supervisor.ts';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts';

/** What the commands of one manager share, from the first one on. */
interface Home {
  readonly supervisor: Supervisor;
  readonly folder: string;
}

/**
 * Starts commands and owns them: each runs in a process group of its own, its output goes into
 * temporary files, and none outlives the manager, nor this process, however that ends. It installs no
 * signal handlers; many commands may run at once.
 *
 * @example
 * ```ts
 * await using manager = new SubprocessManager();
 * const listing = await manager.run(['ls', '-l'], { cwd: '/tmp' });
 * console.log(listing.exitCode, await listing.stdout);
 * const server = manager.start(['node', 'server.js']);
 * for await (const { text } of server.streamLog('stdout')) if (text === 'ready') break;
 * await server.kill({ grace: '5s' });
 * ```
 */
export class SubprocessManager implements AsyncDisposable {
  readonly #subprocesses = new Map<number, Subprocess>();
  #home: Home | undefined;
  #count = 0;
  #cleaned: Promise<void> | undefined;

  /** All that were started and not cleaned up, in that order. */
  get subprocesses(): readonly Subprocess[] {
    return [...this.#subprocesses.values()];
  }

  /**
   * Starts a command and waits for its end. A command that fails is a status, not an exception.
   *
   * @throws FlowError as `start` and {@link Subprocess.wait} do.
   */
  async run(command: readonly string[], options: SubprocessOptions = {}): Promise<Subprocess> {
    return this.start(command, options).wait();
  }

  /**
   * Starts a command: a program, found through PATH, and its arguments. There is no shell between, so
   * nothing needs quotes. Its stdin is empty.
   *
   * @throws FlowError `COMMAND_INVALID`, `DURATION_INVALID`, `MANAGER_CLOSED`; the reason of a signal
   *   that has fired already. Whether the program is there is told by {@link Subprocess.wait}.
   */
  start(command: readonly string[], options: SubprocessOptions = {}): Subprocess {
    requireCommand(command);
    options.signal?.throwIfAborted();
    const id = this.#count + 1;
    const subprocess = new Subprocess([...command], options, {
      ...this.#enter(),
      id,
      onCleanup: async (outputs) => {
        this.#subprocesses.delete(id);
        await Promise.all(outputs.map((output) => rm(output, { force: true })));
      },
    });
    this.#count = id;
    this.#subprocesses.set(id, subprocess);
    return subprocess;
  }

  /**
   * A command by the number that it was started with.
   *
   * @throws FlowError `SUBPROCESS_UNKNOWN`.
   */
  get(id: number): Subprocess {
    const subprocess = this.#subprocesses.get(id);
    if (subprocess !== undefined) return subprocess;
    throw new FlowError(`there is no command with the number ${id}`, {
      code: 'SUBPROCESS_UNKNOWN',
      hint: id > 0 && id <= this.#count ? 'it was cleaned up' : 'numbers come from start(…).id',
    });
  }

  /** Ends all that runs and removes all output. The manager can't be used after it. */
  async cleanup(options: KillOptions = {}): Promise<void> {
    if (options.grace !== undefined) requireDurationMs(options.grace);
    this.#cleaned ??= this.#close(options);
    await this.#cleaned;
  }

  /** As `cleanup`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup();
  }

  async #close(options: KillOptions): Promise<void> {
    await Promise.all(this.subprocesses.map((subprocess) => subprocess.cleanup(options)));
    if (this.#home === undefined) return;
    await this.#home.supervisor.close();
    removeTemporaryFolder(this.#home.folder);
  }

  #enter(): Home {
    if (this.#cleaned !== undefined) {
      throw new FlowError('nothing can be started after cleanup()', {
        code: 'MANAGER_CLOSED',
        hint: 'make a new SubprocessManager',
      });
    }
    this.#home ??= openHome();
    return this.#home;
  }
}

function openHome(): Home {
  const folder = makeTemporaryFolder('millrace-process-');
  return { folder, supervisor: new Supervisor(process.env, folder) };
}

function requireCommand(command: readonly string[]): void {
  const words: unknown = command;
  const isCommand =
    Array.isArray(words) && words.every((word) => typeof word === 'string') && words[0] !== '';
  if (isCommand && words.length > 0) return;
  throw new FlowError(`${JSON.stringify(words)} is no command`, {
    code: 'COMMAND_INVALID',
    hint: "give a program and its arguments: ['node', 'script.js']; a line of a shell is ['sh', '-c', line]",
  });
}
