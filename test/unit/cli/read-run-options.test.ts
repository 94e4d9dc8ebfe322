import { describe, expect, it } from 'vitest';
import { GivenOptions } from '../../../src/cli/given-options.ts';
import { readRunOptions } from '../../../src/cli/read-run-options.ts';
import { machineCapacity } from '../../../src/runtime/machine-capacity.ts';

const read = (given: Record<string, string>) =>
  readRunOptions(new GivenOptions(new Map(Object.entries(given).map(([k, v]) => [k, [v]]))));

const DEFAULTS = {
  ...machineCapacity(),
  maxSplits: 1_000_000,
  maxIterations: 10_000,
  onFailure: 'finish',
  durability: 'process',
  isolation: 'process',
  spares: true,
  graceMs: 5_000,
};

describe('the options of a run', () => {
  it('have defaults', () => {
    expect(read({})).toEqual(DEFAULTS);
  });

  it.each([
    ['max-workers', '7', { maxWorkers: 7 }],
    ['max-splits', '9', { maxSplits: 9 }],
    ['max-io', '3', { maxIo: 3 }],
    ['max-memory', '2GiB', { maxMemoryBytes: 2 ** 31 }],
    ['max-memory', '1000000', { maxMemoryBytes: 1_000_000 }],
    ['max-gpu', '2', { maxGpus: 2 }],
    ['load-timeout', '90s', { loadTimeoutMs: 90_000 }],
    ['max-log-size', '10MB', { maxLogBytes: 10_000_000 }],
    ['max-iterations', '3', { maxIterations: 3 }],
    ['on-failure', 'continue', { onFailure: 'continue' }],
    ['on-failure', 'kill', { onFailure: 'kill' }],
    ['durability', 'power', { durability: 'power' }],
    ['isolation', 'pooled', { isolation: 'pooled' }],
    ['spares', 'false', { spares: false }],
    ['grace', '250ms', { graceMs: 250 }],
  ])('take --%s %s', (name, text, change) => {
    expect(read({ [name]: text })).toEqual({ ...DEFAULTS, ...change });
  });

  it.each([
    ['max-workers', '0'],
    ['max-splits', 'many'],
    ['max-io', '0'],
    ['max-memory', 'lots'],
    ['max-gpu', '-1'],
    ['load-timeout', 'soon'],
    ['max-log-size', 'small'],
    ['max-iterations', '0'],
    ['max-iterations', '1.5'],
    ['on-failure', 'stop'],
    ['durability', 'strong'],
    ['isolation', 'inside'],
    ['grace', '-1s'],
  ])('refuse --%s %s', (name, text) => {
    expect(() => read({ [name]: text })).toThrow(`--${name} cannot be "${text}"`);
  });
});
