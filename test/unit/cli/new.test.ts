import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newProject } from '../../../src/cli/commands/new.ts';
import { GivenOptions } from '../../../src/cli/given-options.ts';
import { createColors } from '../../../src/cli/host.ts';
import { Output } from '../../../src/cli/output.ts';
import { VERSION } from '../../../src/model/version.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'millrace-new-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

function make(name: string, template?: string) {
  const options = new GivenOptions(
    new Map(template === undefined ? [] : [['template', [template]]]),
  );
  const [stdout, stderr] = [new Output(process.stdout), new Output(process.stderr)];
  return newProject({ words: [name], options, host: { stdout, stderr, environment: {}, cwd } });
}

describe('a new project', () => {
  it.each([undefined, 'minimal', 'foreach', 'branches'])(
    'from the template %s has all that it needs to run',
    async (template) => {
      await make('My Flow', template);
      const folder = join(cwd, 'My Flow');
      expect(readdirSync(folder).toSorted()).toEqual([
        '.gitignore',
        'README.md',
        'flow.ts',
        'package.json',
        'tsconfig.json',
      ]);
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      expect(manifest).toMatchObject({
        name: 'my-flow',
        type: 'module',
        dependencies: { millrace: `^${VERSION}` },
      });
      const flow = readFileSync(join(folder, 'flow.ts'), 'utf8');
      expect(flow.includes('foreach:')).toBe(template === 'foreach');
      expect(flow.includes('this.average')).toBe(template === 'branches');
      expect(readdirSync(cwd)).toEqual(['My Flow']);
    },
  );

  it('says what to type next, as a shell takes it', async () => {
    const made = await make("Ada's flow");
    expect(
      made.kind === 'data' &&
        made.text(createColors(new Output(process.stdout), { NO_COLOR: '1' })),
    ).toContain("cd 'Ada'\\''s flow'");
    await expect(make('no such/folder')).rejects.toMatchObject({
      hint: "make it first: mkdir -p 'no such'",
    });
  });

  it('never touches what is there', async () => {
    writeFileSync(join(cwd, 'taken'), 'mine');
    await expect(make('taken')).rejects.toMatchObject({ code: 'PROJECT_EXISTS', exitCode: 2 });
    expect(readFileSync(join(cwd, 'taken'), 'utf8')).toBe('mine');
  });

  it.each([
    ['no/such/folder', 'PROJECT_PARENT_MISSING'],
    ['...', 'PROJECT_NAME_INVALID'],
    ['millrace', 'PROJECT_NAME_INVALID'],
  ])('named %s is refused', async (name, code) => {
    await expect(make(name)).rejects.toMatchObject({ code, exitCode: 2 });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('from an unknown template is refused with a suggestion', async () => {
    await expect(make('x', 'foreahc')).rejects.toMatchObject({ hint: 'did you mean "foreach"?' });
    expect(existsSync(join(cwd, 'x'))).toBe(false);
  });
});
