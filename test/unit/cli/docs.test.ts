import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fillCliPage } from '../../../.ci/cli-page.ts';
import { fillPage } from '../../../.ci/fill-page.ts';
import { EXIT } from '../../../src/model/errors.ts';

const text = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

const sections = new Map(
  text.split(/^## /m).map((section) => [section.slice(0, section.indexOf('\n')), section]),
);

describe('docs/cli.md', () => {
  it('lists commands and options as they are; npm run docs writes them', () => {
    expect(fillCliPage(text)).toBe(text);
  });

  it.each(Object.values(EXIT))('explains exit code %i', (code) => {
    expect(sections.get('Exit codes')).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});

describe('a page with generated parts', () => {
  const page = 'before\n\n<!-- one -->\nold\n<!-- end -->\n\nafter\n';

  it('keeps what people wrote around them', () => {
    const filled = fillPage(page, new Map([['one', 'new']]));
    expect(filled).toBe('before\n\n<!-- one -->\n\nnew\n\n<!-- end -->\n\nafter\n');
    expect(fillPage(filled, new Map([['one', 'new']]))).toBe(filled);
  });

  it('must have all of them, and no others', () => {
    expect(() => fillPage(page, new Map())).toThrow('nothing generates the part "one"');
    expect(() =>
      fillPage(
        page,
        new Map([
          ['one', ''],
          ['two', ''],
        ]),
      ),
    ).toThrow('no part "two"');
  });
});
