import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { ActiveTimer } from '../base/active-timer.ts';
import { createDeferred } from '../base/deferred.ts';
import { CHANNEL_FD, encodeFrame, FrameReader } from './child/message-frames.ts';
import {
  advanceChild,
  type ChildEffect,
  type ChildEvent,
  type ChildExit,
  type ChildState,
  type SpawnError,
} from './child-state.ts';
import { endGroup, signalGroup } from './group.ts';
import { killTree } from './kill-tree.ts';
import { PipePump } from './pipe-pump.ts';
import type { ChildMark, Supervisor } from './supervisor.ts';

export type { ChildExit } from './child-state.ts';

export interface ChildOptions {
  /** Default: this Node. */
  readonly execPath?: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly supervisor: Supervisor;
  /** From TERM to KILL. */
  readonly graceMs: number;
  /** Untrusted: any JSON value, or `undefined` for bytes that are no message. Without it: no channel. */
  readonly onMessage?: (message: unknown) => void;
  /** A promise holds that stream back until it resolves. */
  readonly onLog: (stream: 'stdout' | 'stderr', bytes: Buffer) => void | Promise<void>;
}

/** One process in a group of its own. Nothing here throws: whatever happens ends in `exit`. */
export interface Child {
  readonly pid: number | undefined;
  readonly phase: ChildState['phase'];
  /** Resolves when the process is gone and everything that it wrote has been handed over. */
  readonly exit: Promise<ChildExit>;
  /** Dropped if the child is gone. */
  send(message: unknown): void;
  /** TERM to the group, then KILL when the grace period is over; default: that of the options. */
  stop(reason: string, graceMs?: number): void;
  /** KILL now, descendants that left the group included. */
  kill(): void;
}

/**
 * How long, after the process itself is gone, its descendants may go on writing into its pipes.
 * Then they are killed with the group, and pipes that someone outside it still holds are cut.
 */
const DRAIN_MS = 250;

const OUTPUT: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];

export function startChild(options: ChildOptions): Child {
  const running = new RunningChild(options);
  running.start();
  return running;
}

class RunningChild implements Child {
  readonly #options: ChildOptions;
  readonly #mark: ChildMark;
  readonly #exit = createDeferred<ChildExit>();
  #state: ChildState = { phase: 'starting' };
  #process: ChildProcess | undefined;
  #channel: Duplex | undefined;
  #wasStopped = false;
  #graceMs: number;
  #grace: ActiveTimer | undefined;
  #drain: NodeJS.Timeout | undefined;
  #pumps: readonly PipePump[] = [];

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#graceMs = options.graceMs;
    this.#mark = options.supervisor.markChild(options.env);
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get phase(): ChildState['phase'] {
    return this.#state.phase;
  }

  get exit(): Promise<ChildExit> {
    return this.#exit.promise;
  }

  start(): void {
    const { execPath = process.execPath, args, cwd, onMessage } = this.#options;
    try {
      this.#process = spawn(execPath, args, {
        env: this.#mark.env,
        cwd,
        detached: true,
        stdio: onMessage === undefined ? OUTPUT : [...OUTPUT, 'pipe'],
      });
    } catch (error) {
      this.#dispatch({ type: 'spawn-failed', error: spawnErrorOf(error) });
      return;
    }
    this.#watch(this.#process);
  }

  send(message: unknown): void {
    if (this.#channel?.writable) this.#channel.write(encodeFrame(message));
  }

  stop(reason: string, graceMs = this.#graceMs): void {
    this.#graceMs = graceMs;
    this.#dispatch({ type: 'stop', reason });
  }

  kill(): void {
    this.#dispatch({ type: 'kill' });
  }

  #watch(child: ChildProcess): void {
    child.once('spawn', () => this.#dispatch({ type: 'spawned' }));
    child.on('error', (error) => {
      // Without a pid it never ran; later errors show in the exit.
      if (child.pid === undefined) {
        this.#dispatch({ type: 'spawn-failed', error: spawnErrorOf(error) });
      }
    });
    child.once('exit', (code, signal) => {
      this.#dispatch({ type: 'exited', exit: { code, signal } });
    });
    if (child.pid === undefined) return;
    this.#options.supervisor.add(child.pid);
    this.#attach(child);
  }

  #attach(child: ChildProcess): void {
    const { onLog, onMessage } = this.#options;
    const frames = new FrameReader(onMessage ?? (() => {}));
    const channel = child.stdio[CHANNEL_FD];
    this.#channel = isDuplex(channel) ? channel : undefined;
    this.#pumps = [
      new PipePump(child.stdout, (bytes) => onLog('stdout', bytes)),
      new PipePump(child.stderr, (bytes) => onLog('stderr', bytes)),
      new PipePump(this.#channel ?? null, (bytes) => frames.push(bytes)),
    ];
  }

  #dispatch(event: ChildEvent): void {
    const { state, effects } = advanceChild(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: ChildEffect): void {
    const pid = this.pid;
    switch (effect) {
      case 'term':
        this.#wasStopped = true;
        if (pid !== undefined) signalGroup(pid, 'SIGTERM');
        // What stands still can't clean up.
        if (pid !== undefined) signalGroup(pid, 'SIGCONT');
        return;
      case 'kill':
        this.#wasStopped = true;
        if (pid !== undefined) killTree(pid);
        return;
      case 'start-grace':
        this.#grace = new ActiveTimer(() => this.#dispatch({ type: 'grace-over' }), this.#graceMs);
        return;
      case 'start-drain':
        this.#drain = setTimeout(() => this.#dispatch({ type: 'drain-over' }), DRAIN_MS);
        void this.#awaitDrained();
        return;
      case 'cut':
        if (pid !== undefined) signalGroup(pid, 'SIGKILL');
        for (const pump of this.#pumps) pump.cut();
        return;
      case 'settle':
        void this.#settle();
    }
  }

  async #awaitDrained(): Promise<void> {
    await Promise.all(this.#pumps.map((pump) => pump.done));
    const failed = this.#pumps.find((pump) => pump.error !== undefined);
    this.#dispatch({
      type: 'drained',
      ...(failed === undefined ? {} : { logError: failed.error }),
    });
  }

  async #settle(): Promise<void> {
    this.#grace?.cancel();
    clearTimeout(this.#drain);
    if (this.#state.phase !== 'stopped') return;
    const { exit } = this.#state;
    if (this.pid !== undefined) await this.#endRest(this.pid);
    this.#exit.resolve(exit);
  }

  /** What the process left running in its group ends with it; if we ended it, in other groups too. */
  async #endRest(group: number): Promise<void> {
    const { supervisor } = this.#options;
    await endGroup(group);
    if (this.#wasStopped) await supervisor.endChild(this.#mark);
    supervisor.remove(group);
  }
}

function isDuplex(stream: unknown): stream is Duplex {
  return typeof stream === 'object' && stream !== null && 'write' in stream && 'read' in stream;
}

function spawnErrorOf(error: unknown): SpawnError {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return { message, ...(code === undefined ? {} : { code }) };
}
