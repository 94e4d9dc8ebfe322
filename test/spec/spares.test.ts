import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

/** Says when it is imported and when its steps run; `until` waits for a line of this diary. */
const DIARY = `import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
export const say = (text: string) => appendFileSync('diary.txt', text + ' ' + process.pid + '\\n');
export const read = () => readFileSync('diary.txt', 'utf8').trim().split('\\n');
export const until = async (text: string, times = 1) => {
  while (read().filter((line) => line.startsWith(text)).length < times) await pause(5);
};
`;

const flow = (
  steps: string,
  before = '',
) => `import { FlowSpec, step, isolate, environment, retry, timeout } from 'millrace';
import { say, read, until } from './diary.ts';
${before}
say('import');
export class Sample extends FlowSpec {
${steps}
}`;

async function rigWith(text: string): Promise<FlowRig> {
  const rig = await FlowRig.create();
  await rig.write('diary.ts', DIARY);
  await rig.write('flow.ts', text);
  return rig;
}

const diaryOf = (rig: FlowRig): string[] =>
  readFileSync(join(rig.dir, 'diary.txt'), 'utf8').trim().split('\n');
const words = (lines: readonly string[]): string[] => lines.map((line) => line.split(' ')[0] ?? '');

const CHAIN = flow(`
  @timeout('20s') @step async start() { await until('import', 2); say('start'); this.next(this.one); }
  @step one() { say('one'); this.next(this.end); }
  @step end() { say('end'); }`);

describe('spares', () => {
  it('import the flow while the task before theirs runs, and there are never more than tasks', async () => {
    await using rig = await rigWith(CHAIN);
    await rig.ok(['run', 'flow.ts', '--max-workers', '8']);
    const diary = diaryOf(rig);
    expect(words(diary).filter((word) => word === 'import')).toHaveLength(3);
    const pids = diary
      .filter((line) => !line.startsWith('import'))
      .map((line) => line.split(' ')[1]);
    expect(new Set(pids).size).toBe(3);
  });

  it('and what runs are at most one more than may run at a time', async () => {
    await using rig = await rigWith(
      flow(`
  @timeout('20s') @step async start() {
    await until('import', 2);
    await new Promise((go) => setTimeout(go, 300));
    say('start');
    this.next(this.one);
  }
  @step one() { this.next(this.two); }
  @step two() { this.next(this.end); }
  @step end() {}`),
    );
    await rig.ok(['run', 'flow.ts', '--max-workers', '1']);
    expect(words(diaryOf(rig)).indexOf('start')).toBe(2);
  });

  it('are not there with --no-spares: each process imports the flow when its task starts', async () => {
    await using rig = await rigWith(CHAIN.replace("await until('import', 2); ", ''));
    await rig.ok(['run', 'flow.ts', '--no-spares']);
    const expected = ['import', 'import', 'start', 'import', 'one', 'import', 'end'];
    expect(words(diaryOf(rig))).toEqual(expected);
  });

  it("are not used by a step with @isolate('fresh')", async () => {
    await using rig = await rigWith(
      flow(`
  @isolate('fresh') @step start() { say('start'); this.next(this.one); }
  @isolate('fresh') @step one() { say('one'); this.next(this.end); }
  @isolate('fresh') @step end() { say('end'); }`),
    );
    await rig.ok(['run', 'flow.ts']);
    const expected = ['import', 'import', 'start', 'import', 'one', 'import', 'end'];
    expect(words(diaryOf(rig))).toEqual(expected);
  });

  it('have the environment of their step when they import the flow', async () => {
    await using rig = await rigWith(
      flow(
        `
  seen: string[] = [];
  @step start() { this.seen = [mode]; this.next(this.one); }
  @environment({ MODE: 'special' }) @step one() { this.seen = [...this.seen, mode]; this.next(this.end); }
  @step end() { this.seen = [...this.seen, mode]; }`,
        `const mode = process.env.MODE ?? 'plain';`,
      ),
    );
    await rig.ok(['run', 'flow.ts']);
    expect((await rig.artifacts('latest/end'))['seen']).toEqual(['plain', 'special', 'plain']);
  });

  it('give what they printed before to the task that gets them', async () => {
    await using rig = await rigWith(
      CHAIN.replace("say('import')", "say('import'); console.log('imported by', process.pid)"),
    );
    await rig.ok(['run', 'flow.ts']);
    const pidOf = (step: string) =>
      diaryOf(rig)
        .find((line) => line.startsWith(`${step} `))
        ?.split(' ')[1];
    for (const step of ['start', 'one', 'end']) {
      const { stdout } = await rig.ok(['logs', `latest/${step}`]);
      expect(stdout).toBe(`imported by ${pidOf(step)}\n`);
    }
  });

  it('that die while they import fail the next attempt, once each', async () => {
    await using rig = await rigWith(
      flow(
        `
  @timeout('20s') @step async start() { await until('died'); this.next(this.one); }
  @environment({ BREAK: 'yes' }) @retry({ times: 1, backoff: { initial: '1ms' } }) @step one() { this.next(this.end); }
  @step end() {}`,
        `if (process.env.BREAK) { say('died'); process.exit(3); }`,
      ),
    );
    const { code, events } = await rig.run(['flow.ts']);
    expect(code).toBe(1);
    const failures = events.filter((event) => event.type === 'task.failed');
    expect(failures).toMatchObject([
      // oxlint-disable-next-line unicorn/no-thenable -- the event's own word
      { attempt: 1, failure: { kind: 'exit', code: 3 }, then: { kind: 'retry' } },
      // oxlint-disable-next-line unicorn/no-thenable -- the event's own word
      { attempt: 2, failure: { kind: 'exit', code: 3 }, then: { kind: 'give-up' } },
    ]);
    expect(words(diaryOf(rig)).filter((word) => word === 'died')).toHaveLength(2);
  });

  it('that die before they got a task cost it no attempt', async () => {
    await using rig = await rigWith(
      flow(
        `
  @timeout('20s') @step async start() { await until('died'); this.next(this.one); }
  @environment({ BREAK: 'yes' }) @step one() { this.next(this.end); }
  @step end() {}`,
        `if (process.env.BREAK && !read().some((line) => line.startsWith('died')))
  setTimeout(() => { say('died'); process.exit(3); }, 500);`,
      ),
    );
    await rig.write('diary.txt', 'begin 0\n');
    const { code, events } = await rig.run(['flow.ts']);
    expect(code).toBe(0);
    const ofOne = events.filter((event) => 'step' in event && event.step === 'one');
    expect(ofOne).toMatchObject([
      { type: 'task.launched', attempt: 1 },
      // oxlint-disable-next-line unicorn/no-thenable -- the event's own word
      { type: 'task.failed', failure: { kind: 'lost' }, then: { kind: 'replace' } },
      { type: 'task.launched', attempt: 1 },
      { type: 'task.succeeded', attempt: 1 },
    ]);
  });
});

describe('a process that cannot be started', () => {
  const gone = flow(`
  @step start() { this.next(this.one); }
  @isolate('fresh') @step one() { this.next(this.end); }
  @step end() {}`).replace(
    '@step start() {',
    "@step start() { renameSync(process.cwd(), process.cwd() + '-away');",
  );
  const text = `import { renameSync } from 'node:fs';\n${gone}`;

  async function start(rig: FlowRig) {
    await rig.write('work/diary.ts', DIARY);
    await rig.write('work/flow.ts', text);
    const cwd = join(rig.dir, 'work');
    writeFileSync(join(cwd, 'package.json'), '{}');
    return rig.start(['run', 'flow.ts', '--json', '--no-spares', '--store', '../store'], { cwd });
  }

  it('is tried again, three times, and then the task has failed', async () => {
    await using rig = await FlowRig.create();
    const { code, events } = await (await start(rig)).finished;
    expect(code).toBe(1);
    const failed = events.filter((event) => event.type === 'task.failed');
    expect(failed.map(({ failure, then, attempt }) => [failure.kind, then.kind, attempt])).toEqual([
      ['spawn', 'replace', 1],
      ['spawn', 'replace', 1],
      ['spawn', 'replace', 1],
      ['spawn', 'give-up', 1],
    ]);
  });

  it('costs the task no attempt if it can be started later', async () => {
    await using rig = await FlowRig.create();
    const run = await start(rig);
    await run.waitForEvent('task.failed');
    renameSync(join(rig.dir, 'work-away'), join(rig.dir, 'work'));
    const { code, events } = await run.finished;
    expect(code).toBe(0);
    const done = events.find((event) => event.type === 'task.succeeded' && event.step === 'one');
    expect(done).toMatchObject({ attempt: 1 });
  });
});
