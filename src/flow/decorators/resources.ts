import type { Resources } from '../../model/definition.ts';
import {
  type PolicyPart,
  policyDecorator,
  requireOptions,
  type StepDecorator,
} from '../step-mark.ts';
import { parseMemoryBytes } from './memory-size.ts';
import { OptionProblems } from './option-problems.ts';

/** What one task of the step needs. */
export interface ResourceOptions {
  /** CPU cores; a fraction is allowed. */
  readonly cpu?: number;
  /** Bytes, or text such as `'512 MB'` (10^6) or `'2 GiB'` (2^30). */
  readonly memory?: number | string;
  /** Whole GPUs. */
  readonly gpu?: number;
  /** What the step mostly waits for. */
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
  const memoryBytes = memory === undefined ? undefined : parseMemoryBytes(memory);
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
