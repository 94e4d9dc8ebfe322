import { parseFlow } from '../../../src/graph/parse-flow.ts';
import type { FlowDefinition } from '../../../src/model/definition.ts';
import type { SourceLocator } from '../../../src/model/ports/source-locator.ts';

/** A flow as its class text alone: the text is its own source file. */
export function parseText(text: string, more: Partial<FlowDefinition> = {}) {
  const definition = defineText(text, more);
  return parseFlow(definition, {
    locator: identity(text),
    file: 'flow.js',
    reservedOptions: ['tag'],
  });
}

/** `line:column code: message` of each problem, in order. */
export function problemsOf(text: string, more: Partial<FlowDefinition> = {}): string[] {
  return parseText(text, more).diagnostics.map(({ code, severity, message, span }) => {
    const prefix = severity === 'error' ? '' : 'warning ';
    return `${span?.line}:${span?.column} ${prefix}${code}: ${message}`;
  });
}

export function defineText(text: string, more: Partial<FlowDefinition> = {}): FlowDefinition {
  const methods = [...text.matchAll(/^ {2}(?:async )?([A-Za-z]\w*)\(([^)]*)\) \{/gm)];
  return {
    name: 'Demo',
    classes: [{ name: 'Demo', text }],
    steps: methods.map(([, name = '', parameters = '']) => ({
      name,
      classIndex: 0,
      arity: parameters === '' ? 0 : parameters.split(',').length,
      policy: {},
      decorators: [],
    })),
    parameters: [],
    fields: ['xs', 'x', 'size'].map((name) => ({ name, initialised: true, transient: false })),
    problems: [],
    ...more,
  };
}

export function identity(text: string): SourceLocator {
  const lines = text.split('\n');
  const starts: number[] = [];
  for (let at = 0, line = 0; line < lines.length; line += 1) {
    starts.push(at);
    at += (lines[line]?.length ?? 0) + 1;
  }
  return {
    locate: (_classIndex, offset) => {
      const line = lineAt(starts, offset);
      return { file: 'flow.js', line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
    },
    line: (_file, line) => lines[line - 1],
    docBefore: () => undefined,
  };
}

function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** `start: a b` one step a line: name, `(i)` for an argument, and the body of next. */
export function flowText(lines: readonly string[]): string {
  const methods = lines.map((line) => {
    const [, name, parameters, body = ''] = /^(\w+)(?:\(([^)]*)\))?:? ?(.*)$/.exec(line) ?? [];
    return `  ${name}(${parameters ?? ''}) {${body === '' ? '' : ` this.next(${body}); `}}`;
  });
  return ['class Demo {', ...methods, '}'].join('\n');
}
