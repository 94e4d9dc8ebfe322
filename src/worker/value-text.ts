import { parseDocument, type YAMLError } from 'yaml';
import type { ParsedText, TextProblem } from '../flow/parameters/parameter.ts';

export type ValueFormat = 'json' | 'yaml';

/**
 * JSON and YAML as people write them, with the place of every mistake. A file of its own beside the
 * worker: only the first child of a run reads such texts.
 */
export function parseValueText(text: string, format: ValueFormat): ParsedText {
  const plain = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  if (plain.trim() === '') return refuse({ message: 'it is empty', line: 1, column: 1 });
  return format === 'json' ? parseJson(plain) : parseYaml(plain);
}

const BYTE_ORDER_MARK = '\uFEFF';

function refuse(...problems: readonly TextProblem[]): ParsedText {
  return { ok: false, problems };
}

function parseYaml(text: string): ParsedText {
  const document = parseDocument(text);
  // A tag that nobody knows would silently leave a string.
  const problems = [...document.errors, ...document.warnings].map(yamlProblem);
  if (problems.length > 0) return refuse(...problems);
  try {
    const value: unknown = document.toJS();
    return { ok: true, value };
  } catch (error) {
    // An alias without its anchor, or aliases that would fill the memory.
    const message = error instanceof Error ? error.message : String(error);
    return refuse({ message, line: 1, column: 1 });
  }
}

function yamlProblem({ message, linePos }: YAMLError): TextProblem {
  const [start] = linePos ?? [];
  const [sentence = message] = message.split(/ at line \d+, column \d+|\n/);
  return { message: sentence, line: start?.line ?? 1, column: start?.col ?? 1 };
}

function parseJson(text: string): ParsedText {
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch {
    const { offset, expected } = findJsonMistake(text);
    const lines = text.slice(0, offset).split('\n');
    const column = (lines.at(-1)?.length ?? 0) + 1;
    const message = `${shown(text, offset)} where ${expected} should be`;
    return refuse({ message, line: lines.length, column });
  }
}

function shown(text: string, offset: number): string {
  if (offset >= text.length) return 'the end';
  const word = /^(?:"?[\w$.-]+|[^\s])/.exec(text.slice(offset, offset + 24))?.[0] ?? '';
  return JSON.stringify(word);
}

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'after' | 'end';

const TOKEN =
  /[ \t\r\n]*(?:("(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)|[{}[\],:])/uy;

const NAMES: { readonly [E in Expected]: string } = {
  value: 'a value',
  'value or ]': 'a value or ]',
  key: 'a key in double quotes',
  'key or }': 'a key in double quotes or }',
  colon: 'a colon',
  after: 'a comma or the closing bracket',
  end: 'the end',
};

/** The engine's own message does not always say where. */
function findJsonMistake(text: string): { readonly offset: number; readonly expected: string } {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    const offset = at + (/^[ \t\r\n]*/.exec(text.slice(at))?.[0].length ?? 0);
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const token = match?.[0].trim() ?? '';
    const next: Expected | undefined = follow(expected, token, open);
    if (next === undefined) return { offset, expected: NAMES[expected] };
    expected = next;
    at = TOKEN.lastIndex;
  }
}

/** What may come after the token; undefined where it may not come. */
function follow(expected: Expected, token: string, open: ('{' | '[')[]): Expected | undefined {
  const isString = token.startsWith('"');
  switch (expected) {
    case 'key or }':
    case 'key':
      if (isString) return 'colon';
      return token === '}' && expected === 'key or }' ? close(open) : undefined;
    case 'colon':
      return token === ':' ? 'value' : undefined;
    case 'after':
      if (token === ',') return open.at(-1) === '{' ? 'key' : 'value';
      return token === (open.at(-1) === '{' ? '}' : ']') ? close(open) : undefined;
    case 'end':
      return undefined;
    case 'value':
    case 'value or ]':
      return followValue(expected, token, open);
  }
}

function followValue(expected: Expected, token: string, open: ('{' | '[')[]): Expected | undefined {
  if (token === '{' || token === '[') {
    open.push(token);
    return token === '{' ? 'key or }' : 'value or ]';
  }
  if (token === ']' && expected === 'value or ]') return close(open);
  if (token === '' || ['}', ']', ',', ':'].includes(token)) return undefined;
  return open.length === 0 ? 'end' : 'after';
}

function close(open: ('{' | '[')[]): Expected {
  open.pop();
  return open.length === 0 ? 'end' : 'after';
}
