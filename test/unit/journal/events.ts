import * as fc from 'fast-check';
import type { ArtifactChanges } from '../../../src/model/artifact.ts';
import type { AfterFailure, EventDraft } from '../../../src/model/events.ts';
import type { Hash, Position } from '../../../src/model/ids.ts';

/** A hash that is not one, but reads well. */
export const hash = (name: string): Hash => name as Hash;
export const at = (position: string): Position => position as Position;

export const started: EventDraft = {
  type: 'run.started',
  flow: 'Weather',
  file: '/flows/weather.ts',
  code: hash('code'),
  graph: hash('graph'),
  parameters: {},
  tags: ['nightly'],
  options: {
    maxWorkers: 2,
    maxSplits: 100,
    maxIterations: 10_000,
    onFailure: 'finish',
    durability: 'process',
    graceMs: 1_000,
  },
  versions: { millrace: '0.1.0', node: '20.19.0' },
};

export function launched(step: string, position = '0', attempt = 1): EventDraft {
  return { type: 'task.launched', step, position: at(position), attempt };
}

/** Succeeded with artifacts given by name and hash (null deletes), going on to `to`. */
export function succeeded(
  task: string,
  changes: Readonly<Record<string, string | null>>,
  to: readonly string[] | { readonly foreach: string; readonly size: number },
): EventDraft {
  const [step = '', position = '0'] = task.split('/');
  return {
    type: 'task.succeeded',
    step,
    position: at(position),
    attempt: 1,
    changes: changesOf(changes),
    transition:
      'foreach' in to
        ? { kind: 'foreach', to: to.foreach, size: to.size, pages: [] }
        : to.length === 0
          ? { kind: 'end' }
          : { kind: 'next', to },
  };
}

/** Failed with code 3, having set `half`. */
export function failed(task: string, attempt: number, afterwards: AfterFailure): EventDraft {
  const [step = '', position = '0'] = task.split('/');
  return {
    type: 'task.failed',
    step,
    position: at(position),
    attempt,
    failure: { kind: 'exit', code: 3 },
    changes: changesOf({ half: 'H' }),
    // oxlint-disable-next-line unicorn/no-thenable -- a field of the event, never a method
    then: afterwards,
  };
}

export function changesOf(changes: Readonly<Record<string, string | null>>): ArtifactChanges {
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [
      name,
      value === null ? null : { hash: hash(value), size: 1, encoding: 'cbor' },
    ]),
  );
}

const anyName = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.constantFrom('__proto__', 'constructor', 'naïve ☃', '\u{1f30a}', '"\\\n'),
);
const anyPosition = fc.constantFrom('0', '3', '3.r2.0').map(at);

/** Events as a run may write them, in no sensible order. */
export const anyDraft: fc.Arbitrary<EventDraft> = fc.oneof(
  fc.constant(started),
  fc.record({ type: fc.constant('run.stopping' as const), reason: fc.string({ unit: 'binary' }) }),
  fc.record({
    type: fc.constant('task.launched' as const),
    step: anyName,
    position: anyPosition,
    attempt: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({
    type: fc.constant('task.succeeded' as const),
    step: anyName,
    position: anyPosition,
    attempt: fc.integer({ min: 1, max: 9 }),
    changes: fc.dictionary(
      anyName,
      fc.option(
        fc.record({
          hash: fc.string().map(hash),
          size: fc.nat(),
          encoding: fc.constant('cbor' as const),
          inline: fc.base64String(),
        }),
      ),
    ),
    transition: fc.constant({ kind: 'end' as const }),
  }),
);
