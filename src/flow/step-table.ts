import type { Duration } from '../base/duration.ts';
import { didYouMean } from '../base/suggest.ts';
import type { DefinitionProblem, StepIsolation, StepPolicy } from '../model/definition.ts';
import { type CatchErrorOptions, readCatchError } from './decorators/catch-error.ts';
import { readEnvironment } from './decorators/environment.ts';
import { readIsolate } from './decorators/isolate.ts';
import { type LimitOptions, readLimit } from './decorators/limit.ts';
import { type ResourceOptions, readResources } from './decorators/resources.ts';
import { type RetryOptions, readRetry } from './decorators/retry.ts';
import { readSecrets } from './decorators/secrets.ts';
import { isCustomDecorator, partOfCustom } from './decorators/step-decorator.ts';
import { readTimeout } from './decorators/timeout.ts';
import type { SecretSources } from './secret-source.ts';
import { BUILT_IN_DECORATORS, type PolicyPart, partOf, type StepDecorator } from './step-mark.ts';

/** What decorators say, as plain data: an entry of `static steps`. */
export interface StepOptions {
  /** As `@retry`. */
  readonly retry?: RetryOptions | number;
  /** As `@timeout`. */
  readonly timeout?: Duration;
  /** As `@catchError`; a lone text is the field. */
  readonly catchError?: string | (CatchErrorOptions & { readonly field: string });
  /** As `@environment`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** As `@resources`. */
  readonly resources?: ResourceOptions;
  /** As `@limit`. */
  readonly limit?: LimitOptions;
  /** As `@isolate`. */
  readonly isolate?: StepIsolation;
  /** As `@secrets`. */
  readonly secrets?: SecretSources;
  /** Any decorators, the outermost first: `[traced({ label: 'x' })]`. */
  readonly decorators?: readonly StepDecorator[];
}

/**
 * The decorator-free way to mark steps: method names with their options. Steps of base classes need
 * not be repeated.
 *
 * @example
 * ```ts
 * static steps = { start: {}, work: { retry: { times: 2 } }, end: {} } satisfies StepTable;
 * ```
 */
export type StepTable = Readonly<Record<string, StepOptions>>;

export interface TableEntry {
  readonly parts: readonly PolicyPart[];
  readonly problems: readonly DefinitionProblem[];
}

/** The table of this very class, not of its bases. */
export function tableOf(owner: object): object | undefined {
  const table: unknown = Object.getOwnPropertyDescriptor(owner, 'steps')?.value;
  return typeof table === 'object' && table !== null ? table : undefined;
}

export function readTableEntry(step: string, entry: unknown): TableEntry {
  if (!isStepOptions(entry)) {
    return { parts: [], problems: [badEntry(step, 'is not an object', 'write {} for no options')] };
  }
  const unknown = Object.keys(entry).filter((name) => !NAMES.includes(name));
  const listed = readDecorators(step, entry.decorators ?? []);
  return {
    parts: [...readOptions(entry), ...listed.parts],
    problems: [
      ...unknown.map((name) => {
        const hint = didYouMean(name, NAMES) ?? `the options are ${NAMES.join(', ')}`;
        return badEntry(step, `has no option "${name}"`, hint);
      }),
      ...listed.problems,
    ],
  };
}

const NAMES: readonly string[] = [...BUILT_IN_DECORATORS, 'decorators'];

/** Plain JavaScript may list anything. */
function readDecorators(step: string, decorators: unknown): TableEntry {
  const hint = 'list decorators, as in decorators: [traced({ label: "x" })]';
  if (!Array.isArray(decorators)) {
    return { parts: [], problems: [badEntry(step, 'has decorators that are no list', hint)] };
  }
  const parts: PolicyPart[] = [];
  const problems: DefinitionProblem[] = [];
  for (const [index, decorator] of decorators.entries()) {
    const part = isCustomDecorator(decorator)
      ? partOfCustom(decorator, undefined)
      : partOf(decorator);
    if (part !== undefined) parts.push(part);
    else problems.push(badEntry(step, `has no step decorator at decorators[${index}]`, hint));
  }
  return { parts, problems };
}

function readOptions(options: StepOptions): PolicyPart[] {
  const { retry, timeout, catchError, environment, resources, limit, isolate, secrets } = options;
  const parts: PolicyPart[] = [];
  if (retry !== undefined) parts.push(readRetry(retry));
  if (timeout !== undefined) parts.push(readTimeout(timeout));
  if (catchError !== undefined) parts.push(readCatchEntry(catchError));
  if (environment !== undefined) parts.push(readEnvironment(environment));
  if (resources !== undefined) parts.push(readResources(resources));
  if (limit !== undefined) parts.push(readLimit(limit));
  if (isolate !== undefined) parts.push(readIsolate(isolate));
  if (secrets !== undefined) parts.push(readSecrets(secrets));
  return parts;
}

function readCatchEntry(entry: NonNullable<StepOptions['catchError']>): PolicyPart {
  if (typeof entry !== 'object' || entry === null) return readCatchError(entry);
  const { field, ...options } = entry;
  return readCatchError(field, options);
}

function isStepOptions(entry: unknown): entry is StepOptions {
  return typeof entry === 'object' && entry !== null && !Array.isArray(entry);
}

function badEntry(step: string, message: string, hint: string): DefinitionProblem {
  return {
    code: 'bad-steps-entry',
    message: `static steps: "${step}" ${message}`,
    hint,
    member: step,
  };
}

/** The policy of all parts together; two of one kind are a problem. */
export function mergeParts(
  step: string,
  parts: readonly PolicyPart[],
): {
  readonly policy: StepPolicy;
  readonly problems: readonly DefinitionProblem[];
} {
  const problems = parts.flatMap((part) =>
    part.problems.map((problem) => ({ ...problem, member: step })),
  );
  const seen = new Set<string>();
  for (const { decorator, wrapper } of parts) {
    // Code may stand around code; two policies of one kind cannot both hold.
    if (wrapper !== undefined) continue;
    if (seen.has(decorator)) problems.push(repeated(step, decorator));
    seen.add(decorator);
  }
  const policy: StepPolicy = Object.assign({}, ...parts.map((part) => part.policy));
  return { policy, problems: [...problems, ...contradictions(step, policy)] };
}

/** One variable cannot have two values. */
function contradictions(
  step: string,
  { environment = {}, secrets = [] }: StepPolicy,
): DefinitionProblem[] {
  return secrets
    .filter(({ variable }) => Object.hasOwn(environment, variable))
    .map(({ variable }) => ({
      code: 'bad-decorator',
      message: `the step "${step}" has ${variable} both in @environment and in @secrets`,
      hint: 'keep one of them',
      member: step,
    }));
}

function repeated(step: string, decorator: string): DefinitionProblem & { member: string } {
  return {
    code: 'repeated-decorator',
    message: `the step "${step}" has @${decorator} more than once`,
    hint: 'keep one of them',
    member: step,
  };
}
