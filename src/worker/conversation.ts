import { createDeferred, type Deferred } from '../base/deferred.ts';
import { exitHooksOf } from '../flow/exit-hooks.ts';
import { describeFlow } from '../flow/registry.ts';
import { InternalError } from '../model/errors.ts';
import type { FromChild, LoadRequest, ToChild } from '../model/protocol.ts';
import type { Channel } from '../process/child/channel.ts';
import { setCurrentBlobs } from '../store/current-blobs.ts';
import { openLocalBlobStore } from '../store/local/blob-store.ts';
import { openMemoryBlobStore } from '../store/memory/blob-store.ts';
import { CleanSlate } from './clean-slate.ts';
import { ChildConfigs } from './configs/child-configs.ts';
import { ItemDemand } from './item-demand.ts';
import { loadFlow } from './load-flow.ts';
import { type Launchable, resolveLaunch } from './resolve-launch.ts';
import { runStep } from './run-step.ts';
import { installStackTraces, SourcePlaces } from './stack-frames.ts';
import { bytesWritten } from './sync-output.ts';
import { UsageMeter } from './usage-meter.ts';
import { describeThrown } from './user-error.ts';

export interface Conversation {
  readonly channel: Channel;
  /** Rejects with an error of the user's that no call of ours would see. */
  readonly crash: Promise<never>;
}

/**
 * Answers the parent, one request after the other, until an answer ends the conversation: a task's
 * outcome, or a flow that does not load. Resolves then, with that answer on its way.
 *
 * While a request is worked on, the channel does not keep the process alive, so that code which
 * awaits something that cannot happen is noticed instead of hanging.
 */
export function converse({ channel, crash }: Conversation): Promise<void> {
  const ended = createDeferred<void>();
  const server = new FlowServer(crash, channel);
  let work = Promise.resolve();
  let isIdle = false;
  // Between two tasks nobody else would see what one of them left to happen.
  crash.catch((error: unknown) => {
    if (isIdle) ended.reject(error);
  });
  const answer = async (request: Request): Promise<void> => {
    isIdle = false;
    if (request.type === 'run' || request.type === 'hook') channel.unref();
    else channel.pause();
    if (request.type === 'run') void channel.send(server.sign({ type: 'started' }));
    const reply = await server.reply(request);
    await channel.send(server.sign(reply));
    if (isFinal(reply)) {
      await server.heard();
      return ended.resolve();
    }
    isIdle = reply.type === 'succeeded';
    channel.ref();
  };
  channel.ref();
  channel.onMessage((message) => {
    if (!isToChild(message)) return;
    if (message.type === 'abort') server.abort(message.reason);
    else if (message.type === 'pull') server.pull(message.count);
    else if (message.type === 'secrets-hidden') server.secretsHidden();
    else if (message.type === 'heard') server.hear();
    else work = work.then(() => answer(message)).catch(ended.reject);
  });
  return ended.promise;
}

type Request = Exclude<ToChild, { readonly type: 'abort' | 'pull' | 'secrets-hidden' | 'heard' }>;
type Reply = FromChild extends infer Message
  ? Message extends FromChild
    ? Omit<Message, 'nonce'>
    : never
  : never;

const FINAL: ReadonlySet<string> = new Set(['load-failed', 'succeeded', 'failed', 'hook-ended']);

function isFinal(reply: Reply): boolean {
  return FINAL.has(reply.type) && !(reply.type === 'succeeded' && reply.stays !== undefined);
}

const REQUESTS: ReadonlySet<unknown> = new Set([
  'load',
  'describe',
  'parameters',
  'run',
  'pull',
  'secrets-hidden',
  'heard',
  'hook',
  'abort',
]);

/** The parent is ours and speaks our version; this only keeps noise out. */
function isToChild(message: unknown): message is ToChild {
  return (
    typeof message === 'object' && message !== null && REQUESTS.has(Reflect.get(message, 'type'))
  );
}

/** What belongs to one task of the child. */
class Turn {
  itemDemand = new ItemDemand();
  isSignalOpen = false;
  #abort: AbortController | undefined;

  /** Made when it is needed: Node loads what it is made of only then. */
  get abort(): AbortController {
    this.#abort ??= new AbortController();
    return this.#abort;
  }
}

type RunRequest = Extract<Request, { readonly type: 'run' }>;

class FlowServer {
  readonly #crash: Promise<never>;
  readonly #channel: Channel;
  readonly #meter = new UsageMeter();
  #turn = new Turn();
  #slate: CleanSlate | undefined;
  #hidden = createDeferred<void>();
  /** Set while items of the task are, or were, on their way. */
  #heard: Deferred<void> | undefined;
  #knowsSecrets = false;
  #nonce = '';
  #places = new SourcePlaces('');
  #loaded: Launchable | undefined;

  constructor(crash: Promise<never>, channel: Channel) {
    this.#crash = crash;
    this.#channel = channel;
  }

  sign(reply: Reply): FromChild {
    return { nonce: this.#nonce, ...reply };
  }

  abort(reason: string): void {
    this.#turn.abort.abort(new DOMException(reason, 'AbortError'));
  }

  secretsHidden(): void {
    this.#hidden.resolve();
  }

  pull(count: number): void {
    this.#turn.itemDemand.add(count);
  }

  hear(): void {
    this.#heard?.resolve();
  }

  /** Whoever may still pull items has to know of the outcome before the process goes. */
  async heard(): Promise<void> {
    if (this.#heard === undefined) return;
    this.#channel.ref();
    await this.#heard.promise;
  }

  /** Never rejects: what goes wrong is the user's error, and an answer. */
  async reply(request: Request): Promise<Reply> {
    try {
      // A running task sees to a crash itself, because it has fields to show.
      if (request.type === 'run') return await this.#run(request);
      return await Promise.race([this.#crash, this.#inform(request)]);
    } catch (error) {
      const failure = describeThrown(error, this.#places);
      return { type: 'load-failed', problem: { kind: 'threw', failure } };
    }
  }

  async #inform(request: Exclude<Request, { readonly type: 'run' }>): Promise<Reply> {
    switch (request.type) {
      case 'load':
        return this.#load(request);
      case 'describe':
        return this.#describe();
      case 'parameters':
        return resolveLaunch(this.#require(), request.raw);
      case 'hook':
        return this.#runHook(request);
    }
  }

  async #runHook({ index, ended }: Extract<Request, { type: 'hook' }>): Promise<Reply> {
    const hook = exitHooksOf(this.#require().flow)[index];
    if (hook === undefined) throw new InternalError(`the flow has no exit hook ${index}`);
    await hook.run(ended);
    return { type: 'hook-ended' };
  }

  #describe(): Reply {
    const { flow, name, configs } = this.#require();
    const definition = { ...describeFlow(flow, name), configs: configs.describe() };
    return { type: 'described', definition };
  }

  async #run({ spec, keep }: RunRequest): Promise<Reply> {
    if (this.#slate !== undefined) this.#meter.forgetPeak();
    if (keep === true) this.#slate ??= new CleanSlate();
    // What was asked of a task before is not for this one.
    this.#turn.itemDemand = new ItemDemand();
    this.#heard = undefined;
    const { flow, blobs } = this.#require();
    const outcome = await runStep({
      flow,
      blobs,
      spec,
      places: this.#places,
      openSignal: () => this.#openSignal(),
      items: {
        send: (notice) => {
          this.#heard ??= createDeferred();
          return this.#channel.send(this.sign(notice));
        },
        demand: () => this.#demand(),
      },
      hide: (values) => this.#hide(values),
      crash: this.#crash,
    });
    const used = this.#meter.read();
    if (outcome.kind === 'failed') return { type: 'failed', failed: outcome.failed, used };
    const { result } = outcome;
    if (!(await this.#isFitForMore())) return { type: 'succeeded', result, used };
    return { type: 'succeeded', result, used, stays: bytesWritten() };
  }

  async #isFitForMore(): Promise<boolean> {
    this.#channel.pause();
    this.#turn = new Turn();
    // What was read into a module cannot be taken back from the next task.
    return !this.#knowsSecrets && (await this.#slate?.wipe()) === true;
  }

  /** While only the parent can go on, the channel keeps the process alive. */
  async #demand(): Promise<number> {
    this.#channel.ref();
    const count = await this.#turn.itemDemand.take();
    if (!this.#turn.isSignalOpen) this.#channel.unref();
    return count;
  }

  /** Output and messages take different ways: only the answer says that none of it will be shown. */
  async #hide(values: readonly string[]): Promise<void> {
    this.#channel.ref();
    this.#hidden = createDeferred();
    this.#knowsSecrets = true;
    void this.#channel.send(this.sign({ type: 'secrets', values }));
    await this.#hidden.promise;
    if (!this.#turn.isSignalOpen) this.#channel.unref();
  }

  /**
   * Code that asks for the signal may wait for it, and clean up in its grace: the TERM that follows
   * an abort ends only code that never asked.
   */
  #openSignal(): AbortSignal {
    this.#turn.isSignalOpen = true;
    this.#channel.ref();
    if (process.listenerCount('SIGTERM') === 0) process.on('SIGTERM', () => {});
    return this.#turn.abort.signal;
  }

  async #load(request: LoadRequest): Promise<Reply> {
    this.#nonce = request.nonce;
    this.#places = new SourcePlaces(request.bundle);
    installStackTraces(this.#places);
    const blobs =
      request.store === undefined ? openMemoryBlobStore() : openLocalBlobStore(request.store);
    setCurrentBlobs(blobs);
    const configs = new ChildConfigs(request, blobs);
    const outcome = await configs.during(() => loadFlow(request));
    if (outcome.kind === 'problem') return { type: 'load-failed', problem: outcome.problem };
    this.#loaded = { flow: outcome.flow, name: outcome.name, file: request.file, blobs, configs };
    return { type: 'loaded' };
  }

  #require(): Launchable {
    if (this.#loaded === undefined)
      throw new InternalError('a request came before the flow was loaded');
    return this.#loaded;
  }
}
