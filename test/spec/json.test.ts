import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fillJsonPage } from '../../.ci/json-page.ts';
import { COMMANDS } from '../../src/cli/command-table.ts';
import {
  COMMAND_OUTPUTS,
  type CommandOutput,
  ERROR_SCHEMA,
} from '../../src/cli/json/command-schemas.ts';
import type { JsonSchema } from '../../src/cli/json/json-schema.ts';
import { SHARED_SCHEMAS } from '../../src/cli/json/shared-schemas.ts';
import { FlowRig } from '../rig/flow-rig.ts';

const FLOW = `
import { existsSync } from 'node:fs';
import { config, FlowSpec, param, retry, step, type Inputs } from 'millrace';
const scale = config<{ by: number }>('scale', { default: { by: 2 }, help: 'how much' });
/** Adds up. */
export class Sums extends FlowSpec {
  readonly by = param.int({ default: 2, min: 0, max: 9, help: 'times' });
  readonly mode = param.choice(['a', 'b'], { default: 'a' });
  readonly names = param.list({ of: 'string', default: [] });
  size: 'small' | 'big' = 'small';
  part: unknown = 0;
  when = new Date(0);
  /** Begins. */
  @step start() { console.log('started'); this.next(this.work, { foreach: [1, 2] }); }
  @retry({ times: 1, backoff: { initial: 0 } })
  @step work(item: number) {
    if (item === 2 && !existsSync('repaired')) {
      throw new RangeError('not yet', { cause: Object.assign(new Error('inner'), { code: 'E', n: 1 }) });
    }
    this.part = new Map([[item, item * this.by * scale.by]]);
    this.next(this.join);
  }
  @step join(inputs: Inputs<Sums>) {
    this.part = inputs.map(({ part }) => part);
    this.size = 'big';
    this.next({ small: this.few, big: this.end }, { condition: this.size });
  }
  @step few() { this.next(this.end); }
  @step end() {}
}`;

const BROKEN = `
import { FlowSpec, step } from 'millrace';
export class Broken extends FlowSpec {
  @step start() { this.next(this.nowhere); }
  @step end() {}
}`;

const SLOW = `
import { setTimeout } from 'node:timers/promises';
import { current, FlowSpec, step } from 'millrace';
export class Slow extends FlowSpec {
  @step async start() { while (!current.signal.aborted) await setTimeout(10); this.next(this.end); }
  @step end() {}
}`;

const check = (schema: JsonSchema) =>
  z.fromJSONSchema({ ...schema, $defs: SHARED_SCHEMAS } as Parameters<typeof z.fromJSONSchema>[0]);

function titleOf({ command, when }: CommandOutput): string {
  return when === undefined ? command : `${command}, ${when}`;
}

const outputs = new Map(COMMAND_OUTPUTS.map((output) => [titleOf(output), output]));

describe('what is printed with --json', () => {
  let rig: FlowRig;
  const ids: string[] = [];

  beforeAll(async () => {
    rig = await FlowRig.create();
    await rig.write('sums.ts', FLOW);
    await rig.write('broken.ts', BROKEN);
    await rig.flow(['run', 'sums.ts', '--tag', 'first', '--run-id-file', 'failed']);
    await rig.write('repaired', '');
    await rig.ok(['resume', 'sums.ts', '--run-id-file', 'resumed']);
    await rig.ok(['run', 'sums.ts', '--by', '3', '--run-id-file', 'other']);
    for (const file of ['failed', 'resumed', 'other']) {
      ids.push(readFileSync(`${rig.dir}/${file}`, 'utf8').trim());
    }
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const line = (words: string): string[] =>
    words
      .split(' ')
      .map((word) => word.replace(/^@([012])/, (_, index) => ids[Number(index)] ?? ''));

  const validated = new Set<string>();

  async function validate(title: string, words: string): Promise<void> {
    const { stdout, stderr } = await rig.flow([...line(words), '--json']);
    const { form, schema } = outputs.get(title) ?? expect.unreachable(title);
    const documents = stdout.trimEnd().split('\n');
    expect(form === 'lines' || documents.length === 1, stderr).toBe(true);
    for (const document of documents) {
      const result = check(schema).safeParse(JSON.parse(document));
      expect(result.error, `${words}: ${document}`).toBeUndefined();
    }
    validated.add(title);
  }

  it.each([
    ['run', 'run sums.ts'],
    ['resume', 'resume sums.ts --origin-run-id @0'],
    ['resume, with `--dry-run`', 'resume sums.ts --origin-run-id @0 --dry-run'],
    ['spin', 'spin @0/work/0'],
    ['spin', 'spin @1/join'],
    ['check', 'check sums.ts'],
    ['check', 'check broken.ts'],
    ['show', 'show sums.ts'],
    ['graph', 'graph sums.ts'],
    ['runs', 'runs'],
    ['tag', 'tag add @0 seen'],
    ['inspect, of a run', 'inspect @0'],
    ['inspect, of a run', 'inspect @1'],
    ['inspect, of a step in a foreach or a loop', 'inspect @0/work'],
    ['inspect, of a step in a foreach or a loop', 'inspect @1/work'],
    ['inspect, of a task', 'inspect @0/work/1'],
    ['inspect, of a task', 'inspect @2/join'],
    ['diff', 'diff @0 @2'],
    ['diff', 'diff @1 @1'],
    ['why', 'why @0/work/1'],
    ['why', 'why @0/join'],
    ['why', 'why @1/work/0'],
    ['why', 'why @1/work/1'],
    ['why', 'why @1/few'],
    ['why', 'why @0/work/9'],
    ['logs', 'logs @0'],
    ['dump, of one task', 'dump @1/join'],
    ['dump, of one task', 'dump @1/end --max-value-size 1'],
    ['dump, of several tasks', 'dump @1/work'],
    ['gc', 'gc --dry-run --keep-last 1'],
    ['fsck', 'fsck'],
    ['new', 'new fresh'],
    ['delete', 'delete @2'],
  ])('%s: flow %s', validate);

  it('cancel: flow cancel latest', async () => {
    await rig.write('slow.ts', SLOW);
    const slow = rig.start(['run', 'slow.ts', '--json']);
    await slow.waitForEvent('task.launched');
    await validate('cancel', 'cancel latest');
    await slow.finished;
  });

  it.each(['runs --nope', 'inspect latest/nowhere', 'run broken.ts', 'graph broken.ts'])(
    'an error, from flow %s',
    async (words) => {
      const { stdout, code } = await rig.flow([...line(words), '--json']);
      const data = JSON.parse(stdout);
      expect(check(ERROR_SCHEMA).safeParse(data).error, stdout).toBeUndefined();
      expect(data.error.exitCode).toBe(code);
    },
  );

  it('has a version', async () => {
    const { stdout } = await rig.ok(['--version', '--json']);
    expect(JSON.parse(stdout)).toEqual({ millrace: expect.any(String), json: 1 });
  });

  it('is described for every command, and seen here in every form', () => {
    const commands = ['run', ...COMMANDS.map(({ name }) => name)];
    expect([...new Set(COMMAND_OUTPUTS.map(({ command }) => command))].toSorted()).toEqual(
      commands.toSorted(),
    );
    expect([...validated].toSorted()).toEqual([...outputs.keys()].toSorted());
  });

  it('is in docs/json.md; npm run docs writes it', () => {
    const page = readFileSync(new URL('../../docs/json.md', import.meta.url), 'utf8');
    expect(fillJsonPage(page)).toBe(page);
  });
});
