import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-table.ts';
import { RUN_OPTIONS } from '../../../src/cli/run-options.ts';
import { EXIT } from '../../../src/model/errors.ts';

const text = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

const sections = new Map(
  text.split(/^## /m).map((section) => [section.slice(0, section.indexOf('\n')), section]),
);

describe('docs/cli.md', () => {
  it.each([...COMMANDS, { name: 'run', options: RUN_OPTIONS }])(
    'lists the options of $name, and no others',
    ({ name, options }) => {
      const listed = sections.get(`flow ${name}`)?.matchAll(/^\| `--([a-z-]+)/gm) ?? [];
      expect([...listed].map(([, option]) => option)).toEqual(options.map((option) => option.name));
    },
  );

  it.each(Object.values(EXIT))('explains exit code %i', (code) => {
    expect(sections.get('Exit codes')).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});
