import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import type { FlowGraph } from '../../src/model/graph.ts';
import { FlowRig } from '../rig/flow-rig.ts';

const BASE = `import { FlowSpec, retry, step } from 'millrace';

export abstract class Base extends FlowSpec {
  total!: number;

  /** Sums up. */
  @retry({ times: 2 })
  @step
  sum() {
    if (this.total > 3) return;
    this.next(this.end);
  }

  abstract end(): void;
}
`;

const FLOW = `import { param, step, timeout } from 'millrace';
import { Base } from './lib/base.ts';

interface Row { readonly name: string }

/**
 * Everything is wrong here,
 * but nothing twice.
 */
export class Bad extends Base {
  readonly tag = param.string({ default: 'x' });
  readonly size = param.int({ default: 3 });
  double = this.size * 2;
  accessor odd = 1;
  mean!: number;

  @step start() {
    const 語: Row = { name: '漢字' }; this.size = 語.name.length;
\tconst { mean } = this; console.log(mean as unknown);
    this.next(this.work);
  }

  /** Works hard. */
  @timeout('5m')
  @step
  async work() {
    this.next(this.sun, this.sum);
  }

  @step end() {}
}
`;

/** The marked words, with their places. */
async function check(rig: FlowRig, texts: Readonly<Record<string, string>>): Promise<string[]> {
  const { code, stdout } = await rig.flow(['check', 'flow.ts', '--json']);
  expect(code).toBe(1);
  const { diagnostics }: { diagnostics: Diagnostic[] } = JSON.parse(stdout);
  return diagnostics.map(({ code: found, span }) => {
    const file = Object.keys(texts).find((name) => span?.file === `${rig.dir}/${name}`) ?? '';
    const line = texts[file]?.split('\n')[(span?.line ?? 0) - 1] ?? '';
    const from = (span?.column ?? 0) - 1;
    const marked = line.slice(from, from + (span?.length ?? 0));
    return `${file}:${span?.line}:${span?.column} ${found} ${marked}`;
  });
}

describe('lint', () => {
  it('marks the very words that the user wrote, also in the file of a base class', async () => {
    await using rig = await FlowRig.create();
    const texts = { 'flow.ts': FLOW, 'lib/base.ts': BASE };
    for (const [file, text] of Object.entries(texts)) await rig.write(file, text);
    expect(await check(rig, texts)).toEqual([
      'flow.ts:11:12 parameter-clash tag',
      'flow.ts:13:12 initialiser-reads-parameter this.size',
      'flow.ts:14:12 accessor-field odd',
      'flow.ts:18:36 parameter-assigned this.size',
      'flow.ts:19:10 unset-field mean',
      'flow.ts:27:15 unknown-step this.sun',
      'lib/base.ts:10:9 unset-field this.total',
      'lib/base.ts:10:25 next-not-on-every-path return;',
    ]);
  });

  it('draws the line of the source with carets below the words', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    await rig.write('lib/base.ts', BASE);
    const { stderr } = await rig.flow(['check', 'flow.ts']);
    expect(stderr).toContain(
      [
        "  18 |     const 語: Row = { name: '漢字' }; this.size = 語.name.length;",
        `     | ${' '.repeat(38)}${'^'.repeat(9)}`,
      ].join('\n'),
    );
  });
});

it('finds places in files whatever their names', async () => {
  await using rig = await FlowRig.create();
  const file = `it's "a" [b] #d %20 ü😀?.ts`;
  await rig.write(
    file,
    `import { FlowSpec, step } from 'millrace';
/** Is described. */
export class Odd extends FlowSpec {
  n = 0;
  @step start() { this.next(this.end); }
  @step end() { throw new Error('broken'); }
}`,
  );
  const { stdout } = await rig.ok(['graph', file, '--format', 'json']);
  const graph: FlowGraph = JSON.parse(stdout);
  expect(graph.doc).toBe('Is described.');
  expect(graph.nodes[1]?.span).toMatchObject({ file: `${rig.dir}/${file}`, line: 6, column: 9 });
  const { stderr } = await rig.flow(['run', file]);
  expect(stderr).toContain(`    at Odd.end (${file}:6:23)`);
});

it('has nothing against resources that a step releases at its end', async () => {
  await using rig = await FlowRig.create();
  await rig.write(
    'flow.ts',
    `import { FlowSpec, step } from 'millrace';
function open() { return { text: 'x', [Symbol.dispose]() {} }; }
export class Using extends FlowSpec {
  text = '';
  @step start() {
    using file = open();
    this.text = file.text;
    this.next(this.end);
  }
  @step end() {}
}`,
  );
  await rig.ok(['check', 'flow.ts']);
});

describe('a graph', () => {
  it('knows where each step is written, and its doc comment', async () => {
    await using rig = await FlowRig.create();
    const sound = FLOW.replace('this.sun, ', '')
      .replace("readonly tag = param.string({ default: 'x' });", '')
      .replace('double = this.size * 2;', '')
      .replace('accessor odd = 1;', '')
      .replace('this.size = 語.name.length;', 'this.total = 語.name.length;')
      .replace('mean!: number', 'mean = 0');
    await rig.write('flow.ts', sound);
    await rig.write('lib/base.ts', BASE.replace('if (this.total > 3) return;', ''));
    const { stdout } = await rig.ok(['graph', 'flow.ts', '--format', 'json']);
    const graph: FlowGraph = JSON.parse(stdout);
    expect(graph.doc).toBe('Everything is wrong here,\nbut nothing twice.');
    expect(
      graph.nodes.map(({ name, doc, span }) => [
        name,
        doc,
        `${span?.file.slice(rig.dir.length + 1)}:${span?.line}:${span?.column}+${span?.length}`,
      ]),
    ).toEqual([
      ['sum', 'Sums up.', 'lib/base.ts:9:3+3'],
      ['start', undefined, 'flow.ts:17:9+5'],
      ['work', 'Works hard.', 'flow.ts:26:9+4'],
      ['end', undefined, 'flow.ts:30:9+3'],
    ]);
  });

  it('takes for a doc comment of a step only what describes the step', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, retry, step, timeout } from 'millrace';
/** The class. */
export class Described extends FlowSpec {
  @step start() { this.next(this.brief); }
  /** Is brief. */ @step brief() { this.next(this.silent); }
  @step silent() { this.next(this.decorated); }

  /**
   * Is decorated.
   */
  @retry({
    times: 2, // a smiley :)
    backoff: { initial: '1s' },
  })
  @timeout('5m') // as long as it takes
  /* on a line of its own */
  @step
  public async decorated(): Promise<void> { this.next(this.end); }

  /** Is no step. */
  count = 1;
  @step end() {}
}
`,
    );
    const { stdout } = await rig.ok(['show', 'flow.ts', '--json']);
    const { doc, steps }: { doc: string; steps: FlowGraph['nodes'] } = JSON.parse(stdout);
    expect(doc).toBe('The class.');
    expect(Object.fromEntries(steps.map((step) => [step.name, step.doc]))).toEqual({
      start: undefined,
      brief: 'Is brief.',
      silent: undefined,
      decorated: 'Is decorated.',
      end: undefined,
    });
  });
});
