import { InternalError } from '../model/errors.ts';
import type { Failure } from '../model/failure.ts';
import type { HookRequest } from '../model/ports/inline-worker.ts';
import { failureOfExit } from './attempt-failure.ts';
import { FlowChild, type FlowChildOptions, type Reply } from './flow-child.ts';
import type { StartHook } from './started-hook.ts';

/** Each hook in a child of its own. */
export function hooksInChildren(options: FlowChildOptions): StartHook {
  return ({ onLog, ...hook }) => {
    const child = new FlowChild(options);
    child.listen(onLog);
    return {
      failure: converse(child, hook, options.graceMs),
      stop: (reason) => child.stop(reason),
      kill: () => child.kill(),
    };
  };
}

type Hook = Omit<HookRequest, 'onLog'>;

async function converse(
  child: FlowChild,
  hook: Hook,
  graceMs: number,
): Promise<Failure | undefined> {
  const reply = await ask(child, hook);
  const exit = await endOf(child, graceMs);
  if (reply.kind === 'message') return failureIn(reply);
  return failureOfExit(exit, undefined, child.forged);
}

async function ask(child: FlowChild, hook: Hook): Promise<Reply> {
  const loaded = await child.loaded;
  if (loaded.kind === 'exited' || loaded.message.type !== 'loaded') return loaded;
  return child.ask({ type: 'hook', ...hook }, ['hook-ended', 'load-failed']);
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
