import { afterEach, describe, expect, it } from 'vitest';
import { type CurrentFacts, current, setCurrent } from '../../../src/flow/current.ts';

const facts: CurrentFacts = {
  flowName: 'Weather',
  runId: '0k5m2c9qa1b2c',
  stepName: 'work',
  taskId: '3',
  pathspec: 'Weather/0k5m2c9qa1b2c/work/3',
  attempt: 1,
  parameters: { top: 5 },
  tags: ['nightly'],
  tempDir: '/tmp/x',
  signal: new AbortController().signal,
  idempotencyKey: 'abc',
  foreachStack: [],
  parallel: undefined,
};

afterEach(() => setCurrent(undefined));

describe('current', () => {
  it('shows every fact of the running task', () => {
    setCurrent(facts);
    expect({ ...current }).toEqual(facts);
  });

  it('says outside a task that there is none', () => {
    expect(() => current.runId).toThrow('current.runId was read outside a running step');
  });
});
