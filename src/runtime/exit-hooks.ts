import type { ExitHooksDefinition, FlowDefinition } from '../model/definition.ts';
import { InternalError } from '../model/errors.ts';
import type { EventDraft } from '../model/events.ts';
import type { EndedFailure, EndedRun } from '../model/exit.ts';
import type { Failure } from '../model/failure.ts';
import { formatPosition, taskPath } from '../model/ids.ts';
import type { JournalWriter } from '../model/ports/journal.ts';
import type { EventReader } from '../model/reader.ts';
import type { RunFacts } from '../model/task.ts';
import { describeFailure } from '../observe/describe-failure.ts';
import { failureOfExit } from './attempt-failure.ts';
import { FlowChild, type FlowChildOptions, type Reply } from './flow-child.ts';
import type { Interruptible } from './interrupt.ts';
import type { RunOutcome } from './scheduler/commands.ts';
import { TaskOutput } from './task-output.ts';

export interface ExitHooksRequest {
  readonly hooks: ExitHooksDefinition;
  readonly child: FlowChildOptions;
  /** The run's folder: hooks have their logs beside those of the steps. */
  readonly dir: string;
  readonly journal: JournalWriter;
  readonly readers: readonly EventReader[];
}

/** What the hooks are told of the outcome. */
export function endedRun(run: RunFacts, outcome: RunOutcome, durationMs: number): EndedRun {
  const { id, flow, tags, origin } = run;
  return {
    flowName: flow,
    runId: id,
    pathspec: `${flow}/${id}`,
    status: outcome.kind,
    tags,
    durationMs,
    ...(origin === undefined ? {} : { originRunId: origin }),
    ...(outcome.kind === 'cancelled' ? { reason: outcome.reason } : {}),
    ...(outcome.kind === 'failed' ? { failure: endedFailure(outcome) } : {}),
  };
}

function endedFailure({ task, failure }: Extract<RunOutcome, { kind: 'failed' }>): EndedFailure {
  const { kind } = failure;
  return { message: describeFailure(failure), kind, task: taskPath(task), attempt: task.attempt };
}

/** Undefined for a flow without hooks. */
export function openExitHooks(
  { exitHooks }: FlowDefinition,
  request: Omit<ExitHooksRequest, 'hooks'>,
): ExitHookRun | undefined {
  return exitHooks === undefined ? undefined : new ExitHookRun({ ...request, hooks: exitHooks });
}

type Hook = ExitHooksDefinition['hooks'][number] & { readonly index: number };

/**
 * Runs the hooks of a run that is over, each in a child of its own. Their events come after the run's
 * last one, so a scheduler that dies here leaves the run as it ended; nobody starts them again.
 */
export class ExitHookRun implements Interruptible {
  readonly #request: ExitHooksRequest;
  #child: FlowChild | undefined;
  #stopped: Failure | undefined;

  constructor(request: ExitHooksRequest) {
    this.#request = request;
  }

  async run(ended: EndedRun): Promise<void> {
    for (const [index, hook] of this.#request.hooks.hooks.entries()) {
      if (this.#stopped !== undefined) return;
      if (hook.on === ended.status) await this.#runHook({ ...hook, index }, ended);
    }
  }

  /** The hook that runs is ended in its grace, the others do not start. */
  stop(reason: string): void {
    this.#stopped ??= { kind: 'cancelled', reason };
    this.#child?.stop(reason);
  }

  kill(): void {
    this.#stopped ??= { kind: 'cancelled', reason: 'killed' };
    this.#child?.kill();
  }

  async #runHook(hook: Hook, ended: EndedRun): Promise<void> {
    const { dir, readers, child: options } = this.#request;
    // No step has a dot in its name; the index tells two hooks of one name apart.
    const step = `exit.${hook.name}`;
    const position = formatPosition([{ kind: 'item', index: hook.index }]);
    const output = new TaskOutput({ step, position, attempt: 1, dir, readers });
    const child = new FlowChild(options);
    this.#child = child;
    child.listen((stream, bytes) => output.write(stream, bytes));
    const of = { hook: hook.name, on: hook.on };
    this.#record({ type: 'hook.started', ...of });
    const failure = await this.#converse(child, hook, ended);
    const unlogged = await closeOutput(output);
    this.#child = undefined;
    this.#recordEnd(of, failure ?? unlogged);
  }

  #recordEnd(of: Pick<Hook, 'on'> & { readonly hook: string }, failure: Failure | undefined): void {
    if (failure === undefined) this.#record({ type: 'hook.succeeded', ...of });
    else this.#record({ type: 'hook.failed', ...of, failure });
  }

  async #converse(child: FlowChild, hook: Hook, ended: EndedRun): Promise<Failure | undefined> {
    const { timeoutMs } = this.#request.hooks;
    let timedOut: Failure | undefined;
    const timer = setTimeout(() => {
      timedOut = { kind: 'timeout', afterMs: timeoutMs };
      child.stop(`timed out after ${timeoutMs} ms`);
    }, timeoutMs);
    try {
      const reply = await this.#ask(child, hook, ended);
      const exit = await endOf(child, this.#request.child.graceMs);
      if (reply.kind === 'message') return timedOut ?? this.#stopped ?? failureIn(reply);
      return failureOfExit(exit, timedOut ?? this.#stopped, child.forged);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(child: FlowChild, { index }: Hook, ended: EndedRun): Promise<Reply> {
    const loaded = await child.loaded;
    if (loaded.kind === 'exited' || loaded.message.type !== 'loaded') return loaded;
    return child.ask({ type: 'hook', index, ended }, ['hook-ended', 'load-failed']);
  }

  #record(draft: EventDraft): void {
    const event = this.#request.journal.append(draft);
    for (const reader of this.#request.readers) reader.onEvent(event);
  }
}

/** Logs that cannot be written are the hook's failure, and no longer the run's. */
async function closeOutput(output: TaskOutput): Promise<Failure | undefined> {
  try {
    await output.close();
    return undefined;
  } catch (error) {
    return { kind: 'lost', message: error instanceof Error ? error.message : String(error) };
  }
}

/** A worker ends once it has answered; exit handlers of the user's get a grace. */
async function endOf(child: FlowChild, graceMs: number): ReturnType<() => FlowChild['exit']> {
  const overdue = setTimeout(() => child.kill(), graceMs);
  try {
    return await child.exit;
  } finally {
    clearTimeout(overdue);
  }
}

function failureIn({ message }: Extract<Reply, { readonly kind: 'message' }>): Failure | undefined {
  if (message.type === 'hook-ended') return undefined;
  if (message.type === 'load-failed' && message.problem.kind === 'threw') {
    return message.problem.failure;
  }
  throw new InternalError(`an exit hook answered with ${message.type}`);
}
