import { inspect } from 'node:util';
import { didYouMean } from '../base/suggest.ts';
import { FlowError } from '../model/errors.ts';
import type { RunOptions } from '../model/events.ts';
import { ISOLATIONS } from '../model/isolation.ts';
import { folderProblem } from '../process/folder-problem.ts';
import { defaultRunOptions } from '../runtime/run-defaults.ts';
import type {
  RunnerOptions,
  RunnerResumeOptions,
  RunnerRunOptions,
  RunnerSpinOptions,
  StartOptions,
} from './runner-options.ts';

interface Kind {
  readonly fits: (value: unknown) => boolean;
  /** What to give: `give …`. */
  readonly wanted: string;
}

const COUNT: Kind = { fits: (value) => isWhole(value, 1), wanted: 'a whole number from 1' };
const WHOLE: Kind = { fits: (value) => isWhole(value, 0), wanted: 'a whole number from 0' };
const SWITCH: Kind = { fits: (value) => typeof value === 'boolean', wanted: 'true or false' };
const TEXT: Kind = { fits: (value) => typeof value === 'string', wanted: 'a text' };
const TEXTS: Kind = {
  fits: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  wanted: 'a list of texts',
};
const CALLBACK: Kind = { fits: (value) => typeof value === 'function', wanted: 'a function' };
const SIGNAL: Kind = { fits: (value) => value instanceof AbortSignal, wanted: 'an AbortSignal' };

const OBJECT: Kind = {
  fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  wanted: 'an object with a value for each name',
};

const RECORDED: { readonly [K in keyof RunOptions]-?: Kind } = {
  maxWorkers: COUNT,
  maxIo: COUNT,
  maxMemoryBytes: COUNT,
  maxGpus: WHOLE,
  maxSplits: COUNT,
  maxIterations: COUNT,
  onFailure: oneOf(['finish', 'kill', 'continue']),
  durability: oneOf(['process', 'power']),
  isolation: oneOf(ISOLATIONS),
  spares: SWITCH,
  graceMs: WHOLE,
  loadTimeoutMs: COUNT,
  maxLogBytes: COUNT,
};

type Kinds<T> = { readonly [K in keyof T]-?: Kind };

const STARTING: Kinds<StartOptions> = {
  signal: SIGNAL,
  onEvent: CALLBACK,
  onLog: CALLBACK,
  onProgress: CALLBACK,
};

const RUNNING: Kinds<RunnerRunOptions> = {
  ...RECORDED,
  ...STARTING,
  tags: TEXTS,
  with: TEXTS,
  runIdFile: TEXT,
};

const RESUMING: Kinds<RunnerResumeOptions> = {
  ...RUNNING,
  origin: TEXT,
  step: TEXT,
  rerun: TEXTS,
  steal: SWITCH,
};

const SPINNING: Kinds<RunnerSpinOptions> = { ...STARTING, set: OBJECT, inspect: SWITCH };

const CONSTRUCTING: Kinds<RunnerOptions> = {
  env: OBJECT,
  cwd: TEXT,
  store: TEXT,
  configs: OBJECT,
  configFiles: OBJECT,
  showOutput: SWITCH,
  signal: SIGNAL,
};

const KINDS = {
  constructor: CONSTRUCTING,
  run: RUNNING,
  resume: RESUMING,
  spin: SPINNING,
} as const;

export type OptionsOf = keyof typeof KINDS;

/** Those that are recorded with a run, completed by the defaults. */
export function runOptionsOf(given: RunnerRunOptions): RunOptions {
  const known = Object.entries(given).filter(
    ([name, value]) => Object.hasOwn(RECORDED, name) && value !== undefined,
  );
  return { ...defaultRunOptions(), ...Object.fromEntries(known) };
}

/**
 * A program in JavaScript has no compiler that looks at its options.
 *
 * @throws FlowError `OPTION_INVALID` for one that does not exist or cannot have its value.
 */
export function checkOptions(of: OptionsOf, given: object): void {
  if (!OBJECT.fits(given)) throw cannotBe('The options', given, OBJECT.wanted);
  const kinds: { readonly [name: string]: Kind } = KINDS[of];
  for (const [name, value] of Object.entries(given)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      throw new FlowError(`There is no option "${name}".`, {
        code: 'OPTION_INVALID',
        hint: didYouMean(name, Object.keys(kinds)) ?? `there are ${Object.keys(kinds).join(', ')}`,
      });
    }
    if (value === undefined || kind.fits(value)) continue;
    throw cannotBe(`The option ${name}`, value, kind.wanted);
  }
}

/** Throws FlowError `OPTION_INVALID`. */
export function checkParameters(given: unknown): void {
  if (given === undefined || OBJECT.fits(given)) return;
  throw cannotBe('The parameters', given, OBJECT.wanted);
}

/** Throws FlowError `OPTION_INVALID`. */
export function checkPathspec(given: unknown): void {
  if (TEXT.fits(given)) return;
  throw cannotBe('The task', given, 'its name, as in "latest/train/3"');
}

/** Throws FlowError `CWD_INVALID`: nothing could run there. */
export function requireFolder(path: string): string {
  const problem = folderProblem(path);
  if (problem === undefined) return path;
  throw new FlowError(`The option cwd cannot be ${path}: ${problem}.`, {
    code: 'CWD_INVALID',
    hint: 'name a folder that is there and may be entered',
  });
}

/** For a value that only a program without a compiler can give. */
export function cannotBe(what: string, value: unknown, wanted: string): FlowError {
  const shown = typeof value === 'string' ? `"${value}"` : inspect(value, { depth: 0 });
  return new FlowError(`${what} cannot be ${shown}.`, {
    code: 'OPTION_INVALID',
    hint: `give ${wanted}`,
  });
}

function oneOf(choices: readonly string[]): Kind {
  return {
    fits: (value) => choices.some((choice) => choice === value),
    wanted: `one of ${choices.join(', ')}`,
  };
}

function isWhole(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}
