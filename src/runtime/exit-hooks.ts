import type { ExitHooksDefinition } from '../model/definition.ts';
import type { EventDraft } from '../model/events.ts';
import type { EndedFailure, EndedRun } from '../model/exit.ts';
import type { Failure } from '../model/failure.ts';
import { formatPosition, taskPath } from '../model/ids.ts';
import type { JournalWriter } from '../model/ports/journal.ts';
import type { EventReader } from '../model/reader.ts';
import type { RunFacts } from '../model/task.ts';
import { describeFailure } from '../observe/describe-failure.ts';
import type { LogHandler } from './child-output.ts';
import type { FlowChildOptions } from './flow-child.ts';
import { hooksInChildren } from './hooks-in-children.ts';
import { hooksInline } from './hooks-inline.ts';
import type { Interruptible } from './interrupt.ts';
import type { OpenedFlow } from './open-flow.ts';
import { Recorder } from './recorder.ts';
import type { RunOutcome } from './scheduler/commands.ts';
import type { StartedHook, StartHook } from './started-hook.ts';
import { TaskOutput } from './task-output.ts';

interface ExitHooksRequest {
  readonly hooks: ExitHooksDefinition;
  readonly start: StartHook;
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

interface HookPlaces extends Omit<ExitHooksRequest, 'hooks' | 'start'> {
  readonly child: FlowChildOptions;
}

/** Undefined for a flow without hooks. */
export function openExitHooks(
  { definition: { exitHooks: hooks }, inlineOnly }: OpenedFlow,
  { child, ...rest }: HookPlaces,
): ExitHookRun | undefined {
  if (hooks === undefined) return undefined;
  const start =
    inlineOnly === undefined
      ? hooksInChildren(child)
      : hooksInline(inlineOnly.startHook, child.secrets ?? []);
  return new ExitHookRun({ ...rest, hooks, start });
}

type Hook = ExitHooksDefinition['hooks'][number] & { readonly index: number };

/**
 * Runs the hooks of a run that is over, one after the other. Their events come after the run's
 * last one, so a scheduler that dies here leaves the run as it ended; nobody starts them again.
 */
export class ExitHookRun implements Interruptible {
  readonly #request: ExitHooksRequest;
  readonly #recorder: Recorder;
  #started: StartedHook | undefined;
  #stopped: Failure | undefined;

  constructor(request: ExitHooksRequest) {
    this.#request = request;
    this.#recorder = new Recorder(request);
  }

  async run(ended: EndedRun): Promise<void> {
    for (const [index, hook] of this.#request.hooks.hooks.entries()) {
      if (this.#stopped !== undefined) return;
      if (hook.on === ended.status) await this.#runHook({ ...hook, index }, ended);
    }
  }

  /** The hook that runs is ended, the others do not start. */
  stop(reason: string): void {
    this.#stopped ??= { kind: 'cancelled', reason };
    this.#started?.stop(reason);
  }

  kill(): void {
    this.#stopped ??= { kind: 'cancelled', reason: 'killed' };
    this.#started?.kill();
  }

  async #runHook({ name, on, index }: Hook, ended: EndedRun): Promise<void> {
    const { dir, readers, start } = this.#request;
    // No step has a dot in its name; the index tells two hooks of one name apart.
    const step = `exit.${name}`;
    const position = formatPosition([{ kind: 'item', index }]);
    const onFailure = (): void => started.stop('its output cannot be kept');
    const output = new TaskOutput({ step, position, attempt: 1, dir, readers, onFailure });
    const of = { hook: name, on };
    const onLog: LogHandler = (stream, bytes) => output.write(stream, bytes);
    const started = start({ index, ended, onLog });
    // First, so that who is told of it can stop it.
    this.#started = started;
    this.#record({ type: 'hook.started', ...of });
    const failure = await this.#inTime(started);
    const unlogged = await output.close();
    this.#started = undefined;
    this.#recordEnd(of, unlogged ?? failure);
  }

  #recordEnd(of: Pick<Hook, 'on'> & { readonly hook: string }, failure: Failure | undefined): void {
    if (failure === undefined) this.#record({ type: 'hook.succeeded', ...of });
    else this.#record({ type: 'hook.failed', ...of, failure });
  }

  /** What ended a hook explains its failure, whatever came of it. */
  async #inTime(started: StartedHook): Promise<Failure | undefined> {
    const { timeoutMs } = this.#request.hooks;
    let timedOut: Failure | undefined;
    const timer = setTimeout(() => {
      timedOut = { kind: 'timeout', afterMs: timeoutMs };
      started.stop(`timed out after ${timeoutMs} ms`);
    }, timeoutMs);
    try {
      const failure = await started.failure;
      return timedOut ?? this.#stopped ?? failure;
    } finally {
      clearTimeout(timer);
    }
  }

  #record(draft: EventDraft): void {
    this.#recorder.record(draft);
    this.#recorder.write();
  }
}
