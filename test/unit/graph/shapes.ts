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
    fields: ['xs', 'x', 'c'].map((name) => ({ name, initialised: true, transient: false })),
    problems: [],
    ...more,
  };
}

export function identity(text: string): SourceLocator {
  const lines = text.split('\n');
  return {
    locate: (_classIndex, offset) => {
      const before = text.slice(0, offset).split('\n');
      return { file: 'flow.js', line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    },
    line: (_file, line) => lines[line - 1],
    docBefore: () => undefined,
  };
}

/** `start: a b` one step a line: name, `(i)` for an argument, and the body of next. */
export function flowText(lines: readonly string[]): string {
  const methods = lines.map((line) => {
    const [, name, parameters, body = ''] = /^(\w+)(?:\((\w*)\))?:? ?(.*)$/.exec(line) ?? [];
    return `  ${name}(${parameters ?? ''}) {${body === '' ? '' : ` this.next(${body}); `}}`;
  });
  return ['class Demo {', ...methods, '}'].join('\n');
}
