import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure, prepare, project } from './prepare-project.ts';

describe('a flow file that cannot be prepared', () => {
  it('is missing, and a near name is offered', async () => {
    const error = await failure({ 'weather.ts': '' }, 'wether.ts');
    expect(error).toMatchObject({
      code: 'FLOW_FILE_MISSING',
      message: 'there is no file wether.ts',
      hint: 'did you mean "weather.ts"?',
      exitCode: 2,
    });
  });

  it('is a folder', async () => {
    expect(await failure({ 'flows/one.ts': '' }, 'flows')).toMatchObject({
      code: 'FLOW_FILE_IS_FOLDER',
      hint: 'name one of its files: one.ts',
    });
  });

  it('is of no kind that holds a flow', async () => {
    const error = await failure({ 'flow.py': '' }, 'flow.py');
    expect(error.code).toBe('FLOW_FILE_TYPE');
    expect(error.message).toBe('flow.py is no flow file by its name');
  });

  it('has mistakes in several files: each comes with its place, all at once', async () => {
    const error = await failure({
      'flow.ts': `import './a.ts';\nimport 'no-such-package';\nimport './b.ts';\nimport './lib/hepler.ts';`,
      'a.ts': `const ü😀 = ;`,
      'b.ts': `const s = 'ü😀'; let x = = 1;`,
      'lib/helper.ts': '',
    });
    expect(error.code).toBe('FLOW_NOT_PARSABLE');
    expect(error.exitCode).toBe(2);
    const found = error.diagnostics.map(({ code, hint, span }) => ({
      code,
      ...(hint === undefined ? {} : { hint }),
      place: `${span?.file.split('/').at(-1)}:${span?.line}:${span?.column}`,
    }));
    expect(found).toHaveLength(4);
    expect(found).toContainEqual({
      code: 'unresolved-import',
      hint: 'install it (npm install no-such-package), or check the spelling',
      place: 'flow.ts:2:8',
    });
    expect(found).toContainEqual({
      code: 'unresolved-import',
      hint: 'did you mean "helper.ts"?',
      place: 'flow.ts:4:8',
    });
    expect(found.find(({ place }) => place === 'b.ts:1:26')).toBeDefined();
  });

  it('imports a name that millrace does not offer', async () => {
    const error = await failure({
      'flow.ts': `import { stepp } from 'millrace'; export const result = stepp;`,
    });
    expect(error.diagnostics[0]?.message).toBe(
      'No matching export in "millrace" for import "stepp"',
    );
    expect(error.diagnostics[0]?.span).toMatchObject({ line: 1, column: 10 });
  });

  it('leaves nothing in the store', async () => {
    const root = await project({ 'flow.ts': 'let = ;' });
    await expect(prepare(root)).rejects.toThrow();
    expect(existsSync(join(root, '.millrace'))).toBe(false);
  });
});
