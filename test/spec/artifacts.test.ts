import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

describe('artifacts', () => {
  it('pass from step to step, also when they were changed in place', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      export class Pass extends FlowSpec {
        list: number[] = [];
        note = 'initial';
        @step start() { this.list.push(1); this.next(this.middle); }
        @step middle() { this.list.push(2); this.next(this.end); }
        @step end() { this.list.push(3); }
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    expect(await rig.artifacts('latest/start')).toEqual({ list: [1], note: 'initial' });
    expect(await rig.artifacts('latest/end')).toEqual({ list: [1, 2, 3], note: 'initial' });
  });

  it('that a step deletes stay deleted', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      export class Gone extends FlowSpec {
        kept = 1;
        gone?: number = 2;
        @step start() { delete this.gone; this.next(this.end); }
        @step end() { if (this.gone !== undefined) throw new Error('it came back'); }
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    expect(await rig.artifacts('latest/end')).toEqual({ kept: 1 });
  });

  it('of a leading underscore, of #private and @transient fields are not kept', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, transient } from 'millrace';
      export class Hidden extends FlowSpec {
        shown = 1;
        _scratch = 2;
        #secret = 3;
        @transient handle = 4;
        @step start() { this._scratch = 20; this.#secret = 30; this.handle = 40; this.next(this.end); }
        @step end() { if (this._scratch !== 2 || this.#secret !== 3 || this.handle !== 4) throw new Error('kept'); }
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    expect(await rig.artifacts('latest/end')).toEqual({ shown: 1 });
  });

  it('of any structured-clone kind come back as what they were', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      import { deepStrictEqual } from 'node:assert';
      const make = () => {
        const cyclic: Record<string, unknown> = { name: 'loop' };
        cyclic.self = cyclic;
        return {
          big: 2n ** 80n, minusZero: -0, date: new Date(7), pattern: /x+/giu, url: new URL('https://a.b/c'),
          map: new Map<unknown, unknown>([[1, { a: new Set(['x']) }]]), floats: new Float64Array([1.5, -0]),
          bytes: Buffer.from('bytes'), nothing: undefined, cyclic, cause: new Error('outer', { cause: new TypeError('inner') }).message,
        };
      };
      export class Kinds extends FlowSpec {
        value: unknown;
        @step start() { this.value = make(); this.next(this.end); }
        @step end() { deepStrictEqual(this.value, make()); }
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
  });

  it('that cannot be kept fail the task, and the message names the path to the culprit', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      export class Bad extends FlowSpec {
        model: unknown;
        @step start() { this.model = { layers: [{ run: () => 1 }] }; this.next(this.end); }
        @step end() {}
      }`,
    );
    const { code, stderr } = await rig.flow(['run', 'flow.ts']);
    expect(code).toBe(1);
    expect(stderr).toContain('this.model.layers[0].run is a function');
  });

  it('may be files and directories, streamed into the store', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { artifact, current, FlowSpec, step } from 'millrace';
      import { mkdir, readFile, writeFile } from 'node:fs/promises';
      import { join } from 'node:path';
      export class Files extends FlowSpec {
        model!: Awaited<ReturnType<typeof artifact.file>>;
        folder!: Awaited<ReturnType<typeof artifact.directory>>;
        text = '';
        @step async start() {
          await mkdir(join(current.tempDir, 'd/e'), { recursive: true });
          await writeFile(join(current.tempDir, 'd/e/deep.txt'), 'deep');
          await writeFile(join(current.tempDir, 'model.bin'), 'x'.repeat(3_000_000));
          this.model = await artifact.file(join(current.tempDir, 'model.bin'));
          this.folder = await artifact.directory(join(current.tempDir, 'd'));
          this.next(this.end);
        }
        @step async end() {
          await this.folder.copyTo(join(current.tempDir, 'copy'));
          this.text = (await readFile(join(current.tempDir, 'copy/e/deep.txt'), 'utf8')) + this.model.size;
        }
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    expect((await rig.artifacts('latest/end'))['text']).toBe('deep3000000');
  });
});
