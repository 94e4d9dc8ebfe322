import { parseBytes } from '../../base/byte-size.ts';
import type { Resources } from '../../model/definition.ts';
import {
  type PolicyPart,
  policyDecorator,
  requireOptions,
  type StepDecorator,
} from '../step-mark.ts';
import { OptionProblems } from './option-problems.ts';

/** What one task of the step needs. */
export interface ResourceOptions {
  /** CPU slots that it takes of `--max-workers`; a fraction below 1 counts as 1. Default 1, with the hints `io` and `network` 0. */
  readonly cpu?: number;
  /**
   * Bytes, or text such as `'512 MB'` (10^6) or `'2 GiB'` (2^30): what it takes of `--max-memory`, and
   * the most that its process and all that it starts may use together.
   */
  readonly memory?: number | string;
  /** Whole GPUs, of `--max-gpu`. */
  readonly gpu?: number;
  /** What the step mostly waits for. With `io` and `network` it takes a slot of `--max-io` instead of a CPU slot. */
  readonly hint?: 'cpu' | 'io' | 'network';
}

const HINTS = ['cpu', 'io', 'network'];

/**
 * What one task of the step needs; tasks wait until it is free.
 *
 * @example @resources({ cpu: 2, memory: '512 MB' })
 */
export function resources(options: ResourceOptions): StepDecorator {
  requireOptions('resources', [...arguments]);
  return policyDecorator(readResources(options));
}

export function readResources(given: ResourceOptions): PolicyPart {
  const problems = new OptionProblems('resources');
  const options = problems.requireObject(given);
  const { cpu, memory, gpu, hint } = options;
  problems.checkNames(options, ['cpu', 'memory', 'gpu', 'hint']);
  problems.check(cpu === undefined || (Number.isFinite(cpu) && cpu > 0), {
    message: `cpu is ${String(cpu)}`,
    hint: 'cpu is a number of cores above 0',
  });
  problems.check(gpu === undefined || (Number.isSafeInteger(gpu) && gpu >= 0), {
    message: `gpu is ${String(gpu)}`,
    hint: 'gpu is a whole number',
  });
  problems.check(hint === undefined || HINTS.includes(hint), {
    message: `hint is ${JSON.stringify(hint)}`,
    hint: `the hints are ${HINTS.join(', ')}`,
  });
  const memoryBytes = memory === undefined ? undefined : parseBytes(memory);
  problems.check(memory === undefined || memoryBytes !== undefined, {
    message: `memory is ${JSON.stringify(memory)}`,
    hint: "memory is a number of bytes, or text such as '512 MB', '2 GiB'",
  });
  const policy: Resources = {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(gpu === undefined ? {} : { gpu }),
    ...(hint === undefined ? {} : { hint }),
  };
  return {
    decorator: 'resources',
    text: `resources(${describe(options)})`,
    policy: { resources: policy },
    problems: problems.found,
  };
}

function describe(options: ResourceOptions): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(', ');
}
