import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createDeferred, type Deferred } from '../base/deferred.ts';
import { Redaction } from '../base/redaction.ts';
import type { ConfigHandover } from '../model/config.ts';
import type { MutationDigests } from '../model/definition.ts';
import type { LogStream } from '../model/ports/executor.ts';
import {
  type FromChild,
  PROTOCOL_VERSION,
  type ToChild,
  type WrittenBytes,
} from '../model/protocol.ts';
import type { ItemNotice } from '../model/task.ts';
import { type Child, type ChildExit, startChild } from '../process/child-process.ts';
import type { Supervisor } from '../process/supervisor.ts';
import { decodeChildMessage } from './child-message.ts';
import { ChildOutput, type LogHandler } from './child-output.ts';
import { BytesRead } from './executor/bytes-read.ts';
import { ThreadShortage } from './executor/thread-shortage.ts';
import { ImportTimer } from './import-timer.ts';
import { redactMessage } from './redact-message.ts';

export interface FlowCode {
  readonly bundle: string;
  /** The user's file. */
  readonly file: string;
  readonly configs?: ConfigHandover;
  readonly mutations?: MutationDigests;
}

export interface FlowChildOptions {
  /** The process starts at once, also while the code is still being prepared. */
  readonly code: FlowCode | Promise<FlowCode>;
  /** The first child of a run says what the flow is. It calls other code than most, so code is kept for each. */
  readonly use?: 'describe' | 'task';
  readonly flow?: string;
  readonly store?: string;
  readonly cwd: string;
  readonly graceMs: number;
  /** Of the run that the child belongs to. */
  readonly supervisor: Supervisor;
  readonly environment: NodeJS.ProcessEnv;
  /** For Node itself, before the program. */
  readonly nodeOptions?: readonly string[];
  /** Texts that its output and its failures must not show. */
  readonly secrets?: readonly string[];
  /** How long the import of the flow may take. */
  readonly loadTimeoutMs?: number | undefined;
}

/** The client and nested runs inside a step find the store that the task itself runs in. */
function environmentOf({ store, environment }: FlowChildOptions): NodeJS.ProcessEnv {
  return store === undefined ? environment : { ...environment, MILLRACE_STORE: store };
}

/** What a question to the child came to: an answer, or its end before one. */
export type Reply =
  | { readonly kind: 'message'; readonly message: FromChild }
  | { readonly kind: 'exited'; readonly exit: ChildExit };

/** The same from src/ and from dist/: tests run the sources against the built worker. */
const WORKER = fileURLToPath(new URL('../../dist/worker/worker.cjs', import.meta.url));

/**
 * A child that holds one flow, and the conversation with it: load, then describe and parameters,
 * then one task. Output that comes before anybody listens is kept and handed to the first listener,
 * because it belongs to whatever the child is used for.
 */
export class FlowChild {
  readonly #child: Child;
  /** Made for the first message: a child starts sooner than Node loads what makes it. */
  #nonce: string | undefined;
  readonly #redaction: Redaction;
  readonly #output: ChildOutput;
  #waiting: { readonly types: ReadonlySet<string>; readonly reply: Deferred<Reply> } | undefined;
  #forged: string | undefined;
  #import: ImportTimer | undefined;
  /** Until it has said anything. */
  #shortage: ThreadShortage | undefined = new ThreadShortage();
  #hasStarted = false;
  /** The task under way has sent some. */
  #hasItems = false;
  #usedCpuMs = 0;
  #ended: Reply | undefined;
  readonly #read = new BytesRead();
  /** The process is gone, and all that it printed has been handed over. */
  readonly exit: Promise<ChildExit>;
  /** Rejects only if the code cannot be prepared. */
  readonly loaded: Promise<Reply>;
  #onItems: (notice: ItemNotice) => void = () => {};

  constructor(options: FlowChildOptions) {
    this.#redaction = new Redaction(options.secrets);
    this.#output = new ChildOutput(this.#redaction);
    this.#child = startChild({
      args: [...(options.nodeOptions ?? []), WORKER, options.use ?? 'task'],
      env: environmentOf(options),
      cwd: options.cwd,
      graceMs: options.graceMs,
      supervisor: options.supervisor,
      onMessage: (raw) => this.#receive(raw),
      onLog: (stream, bytes) => this.#log(stream, bytes),
    });
    this.exit = this.#awaitExit();
    this.loaded = this.#load(options);
    this.loaded.catch(() => {});
  }

  /** Set once the child was ended because its import took too long. */
  get importFailure(): ImportTimer['failure'] {
    return this.#import?.failure;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Whether the task reached the child. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** By the tasks that it has outlived. */
  get usedCpuMs(): number {
    return this.#usedCpuMs;
  }

  /** What the child sent that no honest worker sends, if it did. */
  get forged(): string | undefined {
    return this.#forged;
  }

  /** Sends a request and waits for one of the answers, or for the child's end. One at a time. */
  ask(message: ToChild, types: readonly FromChild['type'][]): Promise<Reply> {
    const reply = createDeferred<Reply>();
    this.#waiting = { types: new Set(types), reply };
    if (this.#ended === undefined) this.#child.send(message);
    else this.#settle(this.#ended);
    return reply.promise;
  }

  /** Who hears of the items of a foreach over an async iterable. */
  listenToItems(listener: (notice: ItemNotice) => void): void {
    this.#onItems = listener;
  }

  pull(count: number): void {
    if (this.#waiting === undefined) return;
    this.#child.send({ type: 'pull', count } satisfies ToChild);
  }

  /** After a task that the child outlives: resolves when all is here that it has written. */
  async rest(written: WrittenBytes, usedCpuMs = 0): Promise<void> {
    await this.#read.reach(written);
    await this.#output.rest();
    this.#hasStarted = false;
    this.#usedCpuMs += usedCpuMs;
  }

  abort(reason: string): void {
    this.#child.send({ type: 'abort', reason } satisfies ToChild);
  }

  listen(listener: LogHandler): void {
    this.#output.listen(listener);
  }

  /** From now on these texts are shown nowhere, also where they were printed and nobody has listened. */
  hide(texts: readonly string[]): void {
    this.#redaction.hide(texts);
  }

  /** The first child is started before the run's grace is known. */
  stop(reason: string, graceMs?: number): void {
    this.abort(reason);
    this.#child.stop(reason, graceMs);
  }

  kill(): void {
    this.#child.kill();
  }

  async #awaitExit(): Promise<ChildExit> {
    const last = await this.#child.exit;
    const exit = this.#shortage?.explain(last) ?? last;
    await this.#output.end();
    this.#ended = { kind: 'exited', exit };
    this.#read.end();
    this.#settle(this.#ended);
    return exit;
  }

  #log(stream: LogStream, bytes: Uint8Array): void | Promise<void> {
    if (stream === 'stderr') this.#shortage?.read(bytes);
    const taken = this.#output.write(stream, bytes);
    this.#read.add(stream, bytes.length);
    return taken;
  }

  async #load(options: FlowChildOptions): Promise<Reply> {
    const { code, flow, store } = options;
    const { bundle, file, configs, mutations } = await code;
    this.#import = new ImportTimer(options.loadTimeoutMs, () => this.kill());
    const reply = await this.ask(
      {
        type: 'load',
        protocol: PROTOCOL_VERSION,
        nonce: (this.#nonce ??= randomBytes(12).toString('hex')),
        bundle,
        file,
        ...(flow === undefined ? {} : { flow }),
        ...(store === undefined ? {} : { store }),
        ...(configs === undefined ? {} : { configs }),
        ...(mutations === undefined ? {} : { mutations }),
      },
      ['loaded', 'load-failed'],
    );
    this.#import.end();
    return reply;
  }

  #receive(raw: unknown): void {
    this.#shortage = undefined;
    const message = decodeChildMessage(raw, this.#nonce);
    if (message === undefined) {
      this.#forged ??= 'a message that no worker of this run sends';
      return;
    }
    // Only a task has items, and nothing of it counts behind its outcome.
    if (message.type === 'opened' || message.type === 'yielded') {
      this.#hasItems = true;
      if (this.#waiting?.types.has('succeeded')) this.#onItems(message);
      return;
    }
    if (message.type === 'started') this.#hasStarted = true;
    if (message.type === 'secrets') {
      this.hide(message.values);
      this.#child.send({ type: 'secrets-hidden' } satisfies ToChild);
      return;
    }
    if (!this.#waiting?.types.has(message.type)) return;
    if (this.#hasItems) this.#child.send({ type: 'heard' } satisfies ToChild);
    this.#hasItems = false;
    this.#settle({ kind: 'message', message: redactMessage(message, this.#redaction) });
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reply.resolve(reply);
  }
}
