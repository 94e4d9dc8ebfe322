import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { EventOf, EventType, FlowEvent } from '../../src/model/events.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'dist/cli/main.cjs');
const TYPESCRIPT = join(ROOT, '.ci/typescript.mjs');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed, one event a line. */
  readonly events: readonly FlowEvent[];
}

/**
 * A temporary folder, and the real command in it with an environment of its own. Disposal asserts
 * that no process of it is left: every descendant carries the rig's mark in its environment.
 */
export class FlowRig implements AsyncDisposable {
  // Async, so that `await using` reads the same where a rig has to wait for something first.
  static async create(): Promise<FlowRig> {
    return new FlowRig();
  }

  readonly dir = mkdtempSync(join(tmpdir(), 'millrace-rig-'));
  readonly #mark = randomUUID();
  readonly #started: RunningCommand[] = [];

  /** For processes that a test starts by other means: with it they are found if they stay behind. */
  get mark(): { readonly MILLRACE_RIG: string } {
    return { MILLRACE_RIG: this.#mark };
  }

  async exists(file: string): Promise<boolean> {
    return existsSync(join(this.dir, file));
  }

  get store(): string {
    return join(this.dir, '.millrace');
  }

  async write(file: string, text: string | Uint8Array): Promise<string> {
    const path = join(this.dir, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return path;
  }

  /** Makes the built package resolvable as `millrace` in the rig's folder. */
  async link(): Promise<void> {
    if (existsSync(join(this.dir, 'node_modules'))) return;
    await mkdir(join(this.dir, 'node_modules'), { recursive: true });
    await symlink(ROOT, join(this.dir, 'node_modules/millrace'));
  }

  /** `flow ...args`, running. */
  start(args: readonly string[], options: StartOptions = {}): RunningCommand {
    return this.startNode([CLI, ...args], options);
  }

  /** `node ...args`, running; it reads TypeScript on every Node that we support. */
  startNode(args: readonly string[], options: StartOptions = {}): RunningCommand {
    const [program, ...before] = [...(options.under ?? []), process.execPath];
    const command = new RunningCommand(program, [...before, ...args], {
      cwd: options.cwd ?? this.dir,
      env: { ...this.#environment(), ...options.env },
    });
    this.#started.push(command);
    return command;
  }

  /** `flow ...args`, to its end. */
  flow(args: readonly string[], options: StartOptions = {}): Promise<Finished> {
    return this.start(args, options).finished;
  }

  /** `node script ...args` to its end, where `millrace` is the built package. */
  async script(args: readonly string[], options: StartOptions = {}): Promise<Finished> {
    await this.link();
    return this.startNode(['--import', TYPESCRIPT, ...args], options).finished;
  }

  /** The same, where anything but exit code 0 is a failed test that shows the whole output. */
  async ok(args: readonly string[], options: StartOptions = {}): Promise<Finished> {
    const finished = await this.flow(args, options);
    if (finished.code !== 0)
      throw new Error(`flow ${args.join(' ')} failed\n${transcript(finished)}`);
    return finished;
  }

  /** `flow run ...args --json`, to its end, whatever that is. */
  run(args: readonly string[], options: StartOptions = {}): Promise<Finished> {
    return this.flow(['run', ...args, '--json'], options);
  }

  /** What `flow dump` says of a task's artifacts. */
  async artifacts(task: string): Promise<Record<string, unknown>> {
    const { stdout } = await this.ok(['dump', task, '--json']);
    const parsed: { artifacts: Record<string, unknown> } = JSON.parse(stdout);
    return parsed.artifacts;
  }

  /** Processes of this rig that are alive (zombies are not). */
  survivors(): string[] {
    if (!existsSync('/proc')) return [];
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid) && this.#isMine(pid))
      .map((pid) => `${pid}: ${readProc(pid, 'cmdline').replaceAll('\0', ' ')}`);
  }

  /** Resolves when no process of this rig is left, with the milliseconds that it took. */
  async emptied(): Promise<number> {
    const beganMs = performance.now();
    await this.until(() => this.survivors().length === 0);
    return performance.now() - beganMs;
  }

  /** Looks until something outside of our events has come about. */
  async until(isSo: () => boolean): Promise<void> {
    const endMs = performance.now() + 10_000;
    while (!isSo()) {
      if (performance.now() > endMs) {
        throw new Error(`it did not come about; alive are:\n${this.survivors().join('\n')}`);
      }
      await delay(5);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const unfinished = this.#started.filter((command) => !command.ended);
    for (const command of unfinished) command.kill('SIGKILL');
    await Promise.all(unfinished.map((command) => command.finished));
    // A command that was killed just now has its guard at work.
    if (unfinished.length > 0) await this.emptied();
    const survivors = this.survivors();
    for (const survivor of survivors) process.kill(Number.parseInt(survivor, 10), 'SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
    if (survivors.length > 0)
      throw new Error(`processes were left behind:\n${survivors.join('\n')}`);
  }

  #environment(): NodeJS.ProcessEnv {
    const { PATH, HOME } = process.env;
    return { PATH, HOME, TMPDIR: tmpdir(), NO_COLOR: '1', ...this.mark };
  }

  #isMine(pid: string): boolean {
    if (!readProc(pid, 'environ').includes(this.#mark)) return false;
    return !/^State:\s+Z/m.test(readProc(pid, 'status'));
  }
}

interface Surroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A program that becomes the command, which is its last arguments: `sh -c 'ulimit …; exec "$@"' sh`. */
  readonly under?: readonly string[];
}

export class RunningCommand {
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  readonly #watchers = new Set<() => void>();
  readonly finished: Promise<Finished>;
  ended = false;

  constructor(program: string, args: readonly string[], options: Surroundings) {
    this.#child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#wake();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#wake();
    });
    this.finished = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.ended = true;
        resolve({ code, signal, ...this.#output() });
        this.#wake();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Closes our end of its stdout and stderr, as `| head` does. */
  hangUp(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Resolves when the command has printed this; fails at once when it ends without. */
  waitForOutput(text: string | RegExp): Promise<string> {
    return this.#wait(() => {
      const match = (this.#stdout + this.#stderr).match(text);
      return match?.[0];
    }, `output ${text}`);
  }

  /** With `--json`: resolves with the first event of this type that `matches`. */
  waitForEvent<T extends EventType>(
    type: T,
    matches: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    const isWanted = (event: FlowEvent): event is EventOf<T> =>
      event.type === type && matches(event as EventOf<T>);
    return this.#wait(() => parseEvents(this.#stdout).find(isWanted), `event ${type}`);
  }

  #wait<T>(look: () => T | undefined, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look();
        if (found !== undefined) resolve(found);
        else if (this.ended) {
          reject(
            new Error(
              `ended without ${what}\n${transcript({ code: null, signal: null, ...this.#output() })}`,
            ),
          );
        } else return;
        this.#watchers.delete(check);
      };
      this.#watchers.add(check);
      check();
    });
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #output(): Pick<Finished, 'stdout' | 'stderr' | 'events'> {
    return {
      stdout: this.#stdout,
      stderr: stripVTControlCharacters(this.#stderr),
      events: parseEvents(this.#stdout),
    };
  }
}

export function transcript({ code, signal, stdout, stderr }: Finished): string {
  return `exit ${code ?? signal}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`;
}

/** Whole lines that hold an event; the last line may still be coming. */
function parseEvents(stdout: string): FlowEvent[] {
  return stdout
    .slice(0, stdout.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.startsWith('{"v":'))
    .map((line): FlowEvent => JSON.parse(line));
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // It ended while we looked.
  }
}
