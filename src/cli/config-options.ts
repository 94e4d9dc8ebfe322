import { resolve } from 'node:path';
import type { RawConfig, RawConfigs } from '../model/config.ts';
import { FlowError } from '../model/errors.ts';
import type { GivenOptions } from './given-options.ts';
import type { OptionSpec } from './option-spec.ts';
import { beforeDashes } from './own-tokens.ts';

/** Every command that loads a flow takes these: a flow may not even have a graph without them. */
export const CONFIG_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'config',
    value: 'name file',
    help: 'read this config of the flow from that JSON or YAML file (repeatable)',
    repeatable: true,
  },
  {
    name: 'config-value',
    value: 'name json',
    help: 'give this config of the flow as JSON (repeatable)',
    repeatable: true,
  },
];

const FLAGS: ReadonlySet<string> = new Set(
  CONFIG_OPTIONS.flatMap(({ name }) => [`--${name}`, `--run.${name}`]),
);

/**
 * `--config name file` has two values, and the parser knows options of one: the two become
 * `name=file`, which may be written so, too. A value that is not there stays missing.
 */
export function joinConfigPairs(tokens: readonly string[]): readonly string[] {
  const own = beforeDashes(tokens);
  const joined: string[] = [];
  const line = own.values();
  for (const token of line) {
    joined.push(token);
    if (!FLAGS.has(token)) continue;
    const name = line.next().value;
    if (name === undefined) continue;
    const value = isPlainName(name) ? line.next().value : undefined;
    if (value === undefined) joined.push(name);
    // A file is not called like that: an option follows, and the file is missing.
    else if (value.startsWith('--')) joined.push(name, value);
    else joined.push(`${name}=${value}`);
  }
  return [...joined, ...tokens.slice(own.length)];
}

function isPlainName(text: string): boolean {
  return !text.startsWith('-') && !text.includes('=');
}

/** By config, in the order of the line. Throws FlowError: an option without its second value. */
export function readConfigOptions(options: GivenOptions, cwd: string): RawConfigs {
  const raw: Record<string, RawConfig[]> = Object.create(null);
  const add = (option: string, make: (value: string) => RawConfig): void => {
    for (const text of options.texts(option)) {
      const [name, value] = splitPair(option, text);
      raw[name] = [...(raw[name] ?? []), make(value)];
    }
  };
  add('config', (path) => ({ from: 'file', path: resolve(cwd, path) }));
  add('config-value', (text) => ({ from: 'text', text }));
  return raw;
}

function splitPair(option: string, text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  const [name, value] = [text.slice(0, equals), text.slice(equals + 1)];
  if (equals > 0 && value !== '') return [name, value];
  const what = option === 'config' ? 'FILE' : 'JSON';
  throw new FlowError(`--${option} ${text} needs two values`, {
    code: 'OPTION_VALUE_MISSING',
    hint: `write --${option} NAME ${what}`,
  });
}
