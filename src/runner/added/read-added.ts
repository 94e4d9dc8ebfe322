import type { Json } from '../../base/json.ts';
import { suggestName } from '../../base/suggest.ts';
import { FlowError } from '../../model/errors.ts';
import type { AddedPolicy } from '../../runtime/added-policy.ts';
import {
  type AddedDecorator,
  isFilePath,
  resolveModule,
} from '../../runtime/prepare/added-decorators.ts';
import { ADDED_POLICY_NAMES, parseAddedPolicy } from './parse-added-policy.ts';

/** What all `--with` of a command line say together. */
export interface Added {
  readonly policies: readonly AddedPolicy[];
  readonly decorators: readonly AddedDecorator[];
  /** To be recorded with the run: a resume from any folder reads them again. */
  readonly texts: readonly string[];
}

/** Throws FlowError: something that is neither a known decorator nor `module:name`. */
export function readAdded(texts: readonly string[], cwd: string): Added {
  const policies: AddedPolicy[] = [];
  const decorators: AddedDecorator[] = [];
  const recorded: string[] = [];
  for (const text of texts) {
    const decorator = readModule(text, cwd);
    if (decorator === undefined) policies.push(parseAddedPolicy(text));
    else decorators.push(decorator);
    recorded.push(decorator === undefined ? text : textOf(decorator));
  }
  return { policies, decorators, texts: recorded };
}

/** What the origin was started with; what is given now counts instead of its like. */
export function joinAdded(recorded: readonly string[], given: readonly string[]): string[] {
  const keys = new Set(given.map(keyOf));
  return [...recorded.filter((text) => !keys.has(keyOf(text))), ...given];
}

const MODULE = /^(.+?):([\p{L}_$][\p{L}\p{N}_$]*)(?:=(.*))?$/su;
const EXAMPLE = `write it like --with ./trace.ts:traced='{"label":"x"}'`;

function readModule(text: string, cwd: string): AddedDecorator | undefined {
  const [first = ''] = text.split(':', 1);
  if (suggestName(first, ADDED_POLICY_NAMES) !== undefined) return undefined;
  const [, module, name, options] = MODULE.exec(text) ?? [];
  if (module === undefined || name === undefined) {
    if (!isFilePath(first) && !first.startsWith('@')) return undefined;
    throw new FlowError(`--with ${text} does not say which decorator`, {
      code: 'OPTION_INVALID',
      hint: `name what the module exports: --with ${text}:NAME`,
    });
  }
  const path = resolveModule(module, cwd);
  return {
    module: path,
    name,
    ...(options === undefined ? {} : { options: parseOptions(options, text) }),
  };
}

function parseOptions(options: string, text: string): Json {
  try {
    const parsed: Json = JSON.parse(options);
    return parsed;
  } catch {
    throw new FlowError(`the options of --with ${text} are no JSON`, {
      code: 'OPTION_INVALID',
      hint: EXAMPLE,
    });
  }
}

function textOf({ module, name, options }: AddedDecorator): string {
  return `${module}:${name}${options === undefined ? '' : `=${JSON.stringify(options)}`}`;
}

function keyOf(text: string): string {
  const [, module, name] = MODULE.exec(text) ?? [];
  const [policy = ''] = text.split(':', 1);
  return ADDED_POLICY_NAMES.includes(policy) ? policy : `${module}:${name}`;
}
