import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import * as millrace from 'millrace';
import { NotebookRunner } from 'millrace/notebook';
import type { FlowClass } from 'millrace/runner';
import { describe, expect, it } from 'vitest';
import { FlowRig, transcript } from '../rig/flow-rig.ts';

/** As the kernel tslab runs a cell: compiled, and in a function. */
function runCell(code: string, { isAsync = false } = {}): Record<string, FlowClass> {
  const cell: Record<string, FlowClass> = {};
  const head = `(${isAsync ? 'async ' : ''}function(exports, require) { `;
  Reflect.set(globalThis, '__cell__', { exports: cell, require: () => millrace });
  try {
    runInThisContext(`${head}${code}\n})(__cell__.exports, __cell__.require)`);
  } finally {
    Reflect.deleteProperty(globalThis, '__cell__');
  }
  return cell;
}

/** The decorator-free form, so that nothing has to be lowered. */
const CELL = `
const { FlowSpec, param } = require('millrace');
class Cell extends FlowSpec {
  static steps = { start: {}, end: {} };
  top = param.int({ default: 1 });
  made = 0;
  start() {
    console.log('on stdout');
    console.error('on stderr');
    if (this.top < 0) throw new Error('negative');
    this.made = this.top + 1;
    this.next(this.end);
  }
  end() {}
}
exports.Cell = Cell;`;

function classOf(cell: Record<string, FlowClass>, name: string): FlowClass {
  const found = cell[name];
  if (found === undefined) throw new Error(`the cell has no ${name}`);
  return found;
}

/** What a task of the rig's folder needs to find the package that a cell requires. */
async function rigWithPackage(): Promise<FlowRig> {
  const rig = await FlowRig.create();
  await rig.link();
  return rig;
}

const options = (rig: FlowRig) => ({ cwd: rig.dir, store: rig.store, env: rig.mark });

describe('a NotebookRunner', () => {
  it('runs a class of a cell in processes of their own, to the end, from a file that holds the cell', async () => {
    await using rig = await rigWithPackage();
    const notebook = new NotebookRunner(classOf(runCell(CELL), 'Cell'), options(rig));
    const executing = await notebook.run({ top: 5 });
    expect(executing.status).toBe('succeeded');
    expect(await executing.run.artifacts['made']).toBe(6);
    expect(await readFile(join(rig.dir, '.Cell.cell.cjs'), 'utf8')).toContain('class Cell');
    const failed = await notebook.run({ top: -1 });
    expect(failed.status).toBe('failed');
    const resumed = await notebook.resume({ origin: executing.run.id });
    expect(await resumed.run.artifacts['made']).toBe(6);
    const spun = await notebook.spin(`${executing.run.id}/start`, { set: { top: 8 } });
    expect(await spun.task.artifacts['made']).toBe(9);
  });

  it('refuses a cell that runs the flow itself, and one with an await outside of steps', async () => {
    await using rig = await rigWithPackage();
    const both = runCell(`${CELL}\n() => new notebook_1.NotebookRunner(Cell)`);
    expect(() => new NotebookRunner(classOf(both, 'Cell'), options(rig))).toThrow(/also runs it/);
    const awaits = runCell(`${CELL}\nawait 1;`, { isAsync: true });
    expect(() => new NotebookRunner(classOf(awaits, 'Cell'), options(rig))).toThrow(/an await/);
    expect(await rig.exists('.Cell.cell.cjs')).toBe(false);
  });

  it('shows the run where its tasks print: progress, stdout and a summary, and stderr', async () => {
    await using rig = await rigWithPackage();
    await rig.write('flow.cjs', CELL);
    await rig.write(
      'notebook.mjs',
      `import { NotebookRunner } from 'millrace/notebook';
      const seen = [];
      const notebook = new NotebookRunner('flow.cjs');
      await notebook.run({}, { onEvent: ({ type }) => seen.push(type), onLog: ({ text }) => seen.push(text) });
      console.log(process.listenerCount('SIGINT'), seen[0], seen.includes('on stderr'), seen.at(-1));`,
    );
    const finished = await rig.script(['notebook.mjs']);
    const { stdout, stderr } = finished;
    expect(finished.code, transcript(finished)).toBe(0);
    expect(stdout).toMatch(/Cell started[^]*\/start\/0] on stdout\n[^]*✓ Cell succeeded/);
    expect(stdout).not.toContain('on stderr');
    expect(stderr).toMatch(/^\[\w+\/start\/0] on stderr\n$/);
    expect(stdout).toMatch(/\n0 run.started true run.succeeded\n$/);
  });

  it('cancels the run when the cell is interrupted, and kills it the second time', async () => {
    await using rig = await rigWithPackage();
    await rig.write(
      'flow.cjs',
      CELL.replace(
        "console.log('on stdout');",
        `process.on('SIGTERM', () => console.log('not yet'));
        console.log('waiting');
        setInterval(() => {}, 1000);
        await new Promise(() => {});`,
      ).replace('start() {', 'async start() {'),
    );
    await rig.write(
      'notebook.mjs',
      `import { NotebookRunner } from 'millrace/notebook';
      const { status } = await new NotebookRunner('flow.cjs').run({}, { graceMs: 600_000 });
      console.log(status);`,
    );
    const running = rig.startNode(['notebook.mjs']);
    await running.waitForOutput('waiting');
    running.kill('SIGINT');
    await running.waitForOutput('not yet');
    running.kill('SIGINT');
    const finished = await running.finished;
    expect(finished.stdout, transcript(finished)).toMatch(/\ncancelled\n$/);
  });

  it('takes a class from the module that a cell imports', async () => {
    await using rig = await rigWithPackage();
    await rig.write(
      'tally.ts',
      `import { FlowSpec, step } from 'millrace';
      export class Tally extends FlowSpec {
        words = 2;
        @step start() { this.next(this.end); }
        @step end() {}
      }`,
    );
    await rig.write(
      'notebook.ts',
      `import { NotebookRunner } from 'millrace/notebook';
      import { Tally } from './tally.ts';
      const { run } = await new NotebookRunner(Tally).run();
      console.log('words', await run.artifacts.words, (await run.code).file);`,
    );
    const finished = await rig.script(['notebook.ts']);
    expect(finished.stdout, transcript(finished)).toMatch(/words 2 \S+\/tally\.ts\n$/);
  });
});
