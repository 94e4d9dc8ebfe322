import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installed, prepare, project } from './prepare-project.ts';

describe('the way back to the sources', () => {
  const TEXT = [
    `import { FlowSpec, step } from 'millrace';`,
    `const here: string = import.meta.dirname;`,
    `/**`,
    ` * Counts words.`,
    ` *`,
    ` * In two lines.`,
    ` */`,
    `export class Count extends FlowSpec {`,
    `  /** Begins. */`,
    `  @step`,
    `  async start(): Promise<void> {`,
    `    await import('teller').then(() => 1);`,
    `    this.target(here);`,
    `  }`,
    `  target(..._all: unknown[]) {}`,
    `}`,
  ].join('\n');

  async function located() {
    const root = await project({
      'flow.ts': TEXT,
      ...installed('teller@1.0.0', { 'index.js': `module.exports = 't'` }),
    });
    const prepared = await prepare(root);
    const placed = await readFile(prepared.bundlePath, 'utf8');
    const start = placed.indexOf('class', placed.indexOf('// flow.ts'));
    const text = placed.slice(start, placed.indexOf('\n};', start) + 2);
    const locator = prepared.locate([{ name: 'Count', text }]);
    return { locator, text, file: join(root, 'flow.ts') };
  }

  it('leads from a place in a class text to line and column of the file', async () => {
    const { locator, text, file } = await located();
    expect(locator.locate(0, text.indexOf('start()'))).toEqual({ file, line: 11, column: 9 });
  });

  it('is right behind a path that is longer than its stand-in', async () => {
    const { locator, text, file } = await located();
    const written = `.then(() => 1)`;
    const column = (TEXT.split('\n')[11] ?? '').indexOf(written) + 2;
    expect(locator.locate(0, text.indexOf(written) + 1)).toEqual({ file, line: 12, column });
  });

  it('knows nothing of other text, and nothing of classes that are not there', async () => {
    const { locator } = await located();
    expect(locator.locate(1, 0)).toBe(undefined);
  });

  it('reads lines, and doc comments above decorators', async () => {
    const { locator, file } = await located();
    expect(locator.line(file, 10)).toBe('  @step');
    expect(locator.line(file, 99)).toBe(undefined);
    expect(locator.docBefore({ file, line: 11, column: 9 })).toBe('Begins.');
    expect(locator.docBefore({ file, line: 8, column: 1 })).toBe('Counts words.\n\nIn two lines.');
    expect(locator.docBefore({ file, line: 15, column: 3 })).toBe(undefined);
  });
});
