import { didYouMean } from '../base/suggest.ts';
import { FlowError } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';

/** Where a run is. */
export interface RunReference {
  readonly flow: string;
  readonly run: RunId;
  /** The run's folder, absolute if the store's root is. */
  readonly dir: string;
}

const SHORTEST_PART = 3;
const MOST_CANDIDATES = 8;

/**
 * The run that a person means by `latest`, `Flow/latest`, an id, or the unique beginning or end of
 * one (3 characters or more), with or without `Flow/`. `runs` are newest first. Throws FlowError
 * `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`, `FLOW_NOT_FOUND`, `TARGET_INVALID` (a step or a task).
 */
export function findRunReference(text: string, runs: readonly RunReference[]): RunReference {
  const slash = text.indexOf('/');
  const flow = slash < 0 ? undefined : text.slice(0, slash);
  const part = text.slice(slash + 1);
  const ofFlow = flow === undefined ? runs : runs.filter((run) => run.flow === flow);
  if (part.includes('/') || namesRun(flow, runs)) throw notOnlyRun(text);
  if (flow !== undefined && ofFlow.length === 0) throw flowNotFound(flow, runs);
  const found = part === 'latest' ? ofFlow.slice(0, 1) : matching(part, ofFlow);
  const [only, ...others] = found;
  if (only === undefined) throw runNotFound(text, part, ofFlow);
  if (others.length > 0) throw ambiguous(text, found);
  return only;
}

function matching(part: string, runs: readonly RunReference[]): readonly RunReference[] {
  const exact = runs.filter(({ run }) => run === part);
  if (exact.length > 0 || part.length < SHORTEST_PART) return exact;
  return runs.filter(({ run }) => run.startsWith(part) || run.endsWith(part));
}

/** Names of flows begin with a letter, ids of runs with a digit. */
function namesRun(first: string | undefined, runs: readonly RunReference[]): boolean {
  if (first === undefined || runs.some(({ flow }) => flow === first)) return false;
  return first === 'latest' || matching(first, runs).length > 0;
}

function notOnlyRun(text: string): FlowError {
  return new FlowError(`"${text}" names more than a run.`, {
    code: 'TARGET_INVALID',
    hint: 'write RUN or Flow/RUN, without a step',
  });
}

function flowNotFound(flow: string, runs: readonly RunReference[]): FlowError {
  const flows = new Set(runs.map((run) => run.flow));
  return new FlowError(`No run of a flow "${flow}" is in this store.`, {
    code: 'FLOW_NOT_FOUND',
    hint: didYouMean(flow, flows) ?? 'see `flow runs`, or name another store with --store',
  });
}

function runNotFound(text: string, part: string, runs: readonly RunReference[]): FlowError {
  if (runs.length === 0) {
    return new FlowError('There is no run in this store.', {
      code: 'RUN_NOT_FOUND',
      hint: 'start one with `flow run FILE`, or name another store with --store',
    });
  }
  const isShort = part.length < SHORTEST_PART;
  const ids = runs.map(({ run }) => run);
  return new FlowError(`No run "${text}" is in this store.`, {
    code: 'RUN_NOT_FOUND',
    hint: isShort
      ? `give at least ${SHORTEST_PART} characters of the beginning or the end of its id`
      : (didYouMean(part, [...ids, 'latest']) ??
        'see `flow runs`, or name another store with --store'),
  });
}

function ambiguous(text: string, found: readonly RunReference[]): FlowError {
  const names = found.slice(0, MOST_CANDIDATES).map(({ flow, run }) => `${flow}/${run}`);
  const more = found.length > names.length ? `, and ${found.length - names.length} more` : '';
  return new FlowError(`"${text}" could be ${found.length} runs: ${names.join(', ')}${more}.`, {
    code: 'RUN_AMBIGUOUS',
    hint: 'give more characters of the one you mean',
    details: found.map(({ flow, run }) => `${flow}/${run}`),
  });
}
