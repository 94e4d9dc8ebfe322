import type { OptionSpec } from './option-spec.ts';
import { beforeDashes } from './own-tokens.ts';

/**
 * The first pass over a command line that also holds a flow's parameters, which nobody knows yet.
 * Only our own table says which options take a value, so the first bare word is the file as long as
 * the parameters come after it. Nothing is refused here: the second pass reads the whole line.
 */
export interface ScannedLine {
  readonly words: readonly string[];
  readonly given: ReadonlyMap<string, readonly string[]>;
  /** Options that are not ours, before the first word. */
  readonly unknownBeforeWord: readonly string[];
}

export function scanLine(options: readonly OptionSpec[], tokens: readonly string[]): ScannedLine {
  const words: string[] = [];
  const unknownBeforeWord: string[] = [];
  const given = new Map<string, string[]>();
  const line = beforeDashes(tokens).values();
  for (const token of line) {
    const option = findOption(options, token);
    if (option !== undefined) {
      const text =
        option.value === undefined ? switchText(token) : (valueIn(token) ?? line.next().value);
      if (text !== undefined) given.set(option.name, [...(given.get(option.name) ?? []), text]);
    } else if (!token.startsWith('-')) {
      words.push(token);
    } else if (words.length === 0) {
      unknownBeforeWord.push(token);
    }
  }
  return { words, given, unknownBeforeWord };
}

function findOption(options: readonly OptionSpec[], token: string): OptionSpec | undefined {
  const flag = token.split('=', 1)[0];
  return options.find(
    ({ name, short, negatable }) =>
      flag === `--${name}` ||
      flag === `--run.${name}` ||
      flag === `-${short}` ||
      (negatable === true && flag === `--no-${name}`),
  );
}

function switchText(token: string): string {
  return token.startsWith('--no-') ? 'false' : 'true';
}

function valueIn(token: string): string | undefined {
  const equals = token.indexOf('=');
  return equals === -1 ? undefined : token.slice(equals + 1);
}
