import { FlowError } from '../../model/errors.ts';
import { readOptions } from '../decorators/step-decorator.ts';
import { FlowDraft, type FlowToMutate } from './flow-draft.ts';
import { FlowEditor } from './flow-editor.ts';
import type { Mutation } from './mutation.ts';
import { type FoundMutator, type MutatorUse, useOf } from './mutator-marks.ts';

interface MutatedFlow extends FlowToMutate {
  readonly mutators: readonly FoundMutator[];
}

/**
 * Runs the mutators over a flow, one after the other. A file of its own beside the worker, loaded for
 * flows that have some.
 *
 * @throws FlowError `MUTATOR_THREW`; the mutator's error is the cause.
 */
export function applyMutators(flow: MutatedFlow): Mutation {
  const draft = new FlowDraft(flow);
  for (const { mutator, classIndex } of flow.mutators) {
    const use = useOf(mutator);
    if (use !== undefined) runMutator(use, draft, classIndex);
    else {
      draft.complain(classIndex, {
        message: 'static mutators lists something that is no flow mutator',
        hint: 'list what flowMutator made, as in static mutators = [hardened({ times: 2 })]',
      });
    }
  }
  return draft.finish();
}

function runMutator({ definition, given }: MutatorUse, draft: FlowDraft, classIndex: number): void {
  const { name } = definition;
  const { options, problems } = readOptions(definition, given);
  for (const problem of problems) draft.complain(classIndex, problem);
  if (problems.length > 0) return;
  const flow = new FlowEditor(draft, { mutator: name, classIndex });
  let returned: unknown;
  try {
    returned = definition.mutate({ flow, options });
  } catch (error) {
    throw thrownBy(name, error);
  } finally {
    flow.close();
  }
  if (!isPromise(returned)) return;
  returned.then(undefined, () => {});
  draft.complain(classIndex, {
    message: `@${name} returned a promise, and nothing waits for it`,
    hint: 'a mutator must not be async; await what it needs at module level',
  });
}

function thrownBy(mutator: string, error: unknown): FlowError {
  const reason = error instanceof Error ? error.message : String(error);
  return new FlowError(`the flow mutator @${mutator} threw: ${reason}`, {
    code: 'MUTATOR_THREW',
    details: { mutator },
    cause: error,
  });
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
