import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../src/model/events.ts';
import { type Finished, FlowRig } from '../rig/flow-rig.ts';

/** `train` runs as a gang of this size; every task leaves a line in the file `ran`. */
const gang = (size: string, train: string, { on = '', join: joined = '' } = {}) => `
  import { FlowSpec, step, retry, timeout, catchError, current, type Inputs } from 'millrace';
  import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
  const ran = () => appendFileSync('ran', current.stepName + '/' + current.taskId + '#' + current.attempt + '\\n');
  const until = async (file: string) => { while (!existsSync(file)) await new Promise((go) => setTimeout(go, 10)); };
  export class Gang extends FlowSpec {
    base = 7; part = 0; sum = 0; problem: any; problems: any[] = [];
    @step start() { ran(); this.next(this.train, { numParallel: ${size} }); }
    ${on} @step async train(n: number) { ran(); ${train}; this.part = n + this.base; this.next(this.join); }
    @step join(inputs: Inputs<Gang>) {
      ran(); ${joined};
      this.sum = inputs.reduce((sum, input) => sum + input.part, 0);
      this.problems = inputs.map((input) => input.problem?.kind);
      this.next(this.end);
    }
    @step end() { ran(); }
  }`;

async function ran(rig: FlowRig): Promise<string[]> {
  return (await readFile(join(rig.dir, 'ran'), 'utf8')).trim().split('\n').toSorted();
}

function failed({ events }: Finished): EventOf<'gang.failed'>[] {
  return events.flatMap((event) => (event.type === 'gang.failed' ? [event] : []));
}

function cloned({ events }: Finished): string[] {
  return events.flatMap((event) =>
    event.type === 'task.cloned' ? [`${event.step}/${event.position}`] : [],
  );
}

const WORKERS = ['--max-workers', '3'];

describe('a gang', () => {
  it('runs at the same time, meets at its address, and is joined in index order', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, current, type Inputs } from 'millrace';
      import { createServer, connect } from 'node:net';
      export class Meet extends FlowSpec {
        got: number[] = []; place: any; places: any[] = []; outside: unknown = 1;
        @step start() { this.next(this.train, { numParallel: 3 }); }
        @step async train(n: number) {
          const { mainAddress, ...place } = current.parallel!;
          const [host, port] = mainAddress.split(':');
          if (place.isControl) this.got = await collect(Number(port), host!, place.size - 1);
          else await tell(Number(port), host!, n);
          this.place = { ...place, stack: this.foreachStack().map(({ index, size }) => [index, size]) };
          console.log('member', n);
          this.next(this.join);
        }
        @step join(inputs: Inputs<Meet>) {
          this.places = inputs.map((input) => input.place);
          this.got = inputs[0]!.got.toSorted();
          this.next(this.end);
        }
        @step end() { this.outside = current.parallel ?? 'nothing'; }
      }
      function collect(port: number, host: string, count: number): Promise<number[]> {
        const got: number[] = [];
        return new Promise((resolve) => {
          const server = createServer((socket) => socket.on('data', (bytes) => {
            if (got.push(Number(bytes)) === count) { server.close(); resolve(got); }
          })).listen(port, host);
        });
      }
      async function tell(port: number, host: string, n: number): Promise<void> {
        const sent = await new Promise((done) => {
          const socket = connect(port, host, () => socket.end(String(n), () => done(true)));
          socket.on('error', () => setTimeout(done, 20, false));
        });
        if (!sent) await tell(port, host, n);
      }`,
    );
    const { stderr } = await rig.ok(['run', 'flow.ts', ...WORKERS]);
    expect(stderr).toMatch(/start\/0\] succeeded in .* → train × 3 at once/);
    expect(stderr).toMatch(/train\/\*\] the gang of 3 succeeded in .* → join/);
    expect(stderr).toMatch(/train +3 tasks/);
    const place = (index: number) => ({
      index,
      size: 3,
      isControl: index === 0,
      stack: [[index, 3]],
    });
    expect(await rig.artifacts('latest/end')).toMatchObject({
      got: [1, 2],
      places: [place(0), place(1), place(2)],
      outside: 'nothing',
    });
    expect((await rig.ok(['logs', 'latest/train/1'])).stdout).toBe('member 1\n');
    expect((await rig.artifacts('latest/train/2'))['place']).toEqual(place(2));
    expect((await rig.ok(['show', 'flow.ts'])).stdout).toContain('→ train × 3 in parallel');
    expect((await rig.ok(['graph', 'flow.ts'])).stdout).toContain('(joins the gang of start)');
  });

  it('larger than the slots is refused: before the run where the number is written down', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', gang('4', ''));
    const refused = await rig.flow(['run', 'flow.ts', ...WORKERS]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/gang of 4 tasks of "train" needs 4 CPU slots/);
    expect(refused.stderr).toContain('--max-workers');
    expect((await rig.ok(['runs', '--json'])).stdout.trim()).toBe('[]');
    await rig.write('flow.ts', gang('this.base - 3', ''));
    const started = await rig.run(['flow.ts', ...WORKERS]);
    expect(started.code).toBe(1);
    expect(await ran(rig)).toEqual(['start/0#1']);
    const end = started.events.find((event) => event.type === 'run.failed');
    expect(end).toMatchObject({
      failure: { code: 'GANG_NEVER_FITS', hint: expect.stringContaining('--max-workers') },
    });
  });

  it('ends with the first of its tasks that fails, which the summary names alone', async () => {
    await using rig = await FlowRig.create();
    const body = `
      const stopped = new Promise((done) => current.signal.addEventListener('abort', done));
      if (n === 1) { await until('up0'); await until('up2'); throw new RangeError('one is enough'); }
      writeFileSync('up' + n, ''); await stopped; console.log('cleaned up', n)`;
    await rig.write('flow.ts', gang('3', body));
    const { code, stderr } = await rig.flow(['run', 'flow.ts', ...WORKERS]);
    expect(code).toBe(1);
    expect(stderr).toContain('cleaned up 0');
    expect(stderr).toContain('cleaned up 2');
    expect(stderr).toMatch(/train\/\*\] the gang of 3 failed in .* with train\/1: RangeError/);
    expect(stderr).toMatch(/train\/1 failed: RangeError: one is enough/);
    expect(stderr).not.toMatch(/train\/[02] failed/);
    expect(stderr).toMatch(/train +3 tasks \(3 failed\)/);
  });

  it('is tried again as a whole, at another address', async () => {
    await using rig = await FlowRig.create();
    const body = `appendFileSync('at', current.parallel!.mainAddress + '\\n');
      if (n === 2 && current.attempt === 1) process.exit(3)`;
    const on = `@retry({ times: 1, backoff: { initial: '1ms' } })`;
    await rig.write('flow.ts', gang('3', body, { on }));
    const finished = await rig.run(['flow.ts', ...WORKERS]);
    expect(finished.code).toBe(0);
    const [failure, ...more] = failed(finished);
    expect(more).toEqual([]);
    expect(failure).toMatchObject({
      failed: '2',
      failure: { kind: 'exit', code: 3 },
      then: { kind: 'retry' },
      members: [{ position: '0' }, { position: '1' }, { position: '2' }],
    });
    const again = ['train/0#2', 'train/1#2', 'train/2#2'];
    expect(await ran(rig)).toEqual(expect.arrayContaining(again));
    expect((await rig.artifacts('latest/end'))['sum']).toBe(7 + 8 + 9);
    const addresses = (await readFile(join(rig.dir, 'at'), 'utf8')).trim().split('\n');
    expect(new Set(addresses).size).toBe(2);
  });

  it('is caught as a whole after the timeout of one: each has its inputs and the failure', async () => {
    await using rig = await FlowRig.create();
    const on = `@catchError('problem') @timeout('1s')`;
    await rig.write('flow.ts', gang('2', `this.base = 0; if (n === 0) for (;;) {}`, { on }));
    const { code } = await rig.run(['flow.ts', ...WORKERS, '--grace', '100ms']);
    expect(code).toBe(0);
    expect(await rig.artifacts('latest/end')).toMatchObject({
      problems: ['timeout', 'timeout'],
      base: 7,
      sum: 0,
    });
  });

  it('is cancelled by Ctrl-C in the middle, with nothing left and nothing recorded as done', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', gang('3', `if (n > 0) await until('never')`));
    const command = rig.start(['run', 'flow.ts', ...WORKERS, '--json', '--grace', '200ms']);
    await command.waitForEvent(
      'task.launched',
      ({ step, position }) => `${step}${position}` === 'train2',
    );
    command.kill('SIGINT');
    const finished = await command.finished;
    expect(finished.code).toBe(130);
    expect(failed(finished)).toMatchObject([{ failure: { kind: 'cancelled' } }]);
    expect(finished.events.some(({ type }) => type === 'gang.succeeded')).toBe(false);
  });

  it('nests in a foreach, where one gang waits for the slots of the other', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, current, type Inputs } from 'millrace';
      export class Nested extends FlowSpec {
        size = 0; text = ''; texts: string[] = [];
        @step start() { this.next(this.row, { foreach: [2, 1, 3] }); }
        @step row(size: number) { this.size = size; this.next(this.train, { numParallel: this.size }); }
        @step train(n: number) { this.text = current.taskId + '=' + n + '/' + current.parallel!.size; this.next(this.after); }
        @step after() { this.text += current.parallel === undefined ? '!' : '?'; this.next(this.join); }
        @step join(inputs: Inputs<Nested>) { this.texts = inputs.map((input) => input.text); this.next(this.all); }
        @step all(inputs: Inputs<Nested>) { this.texts = inputs.flatMap((input) => input.texts); this.next(this.end); }
        @step end() {}
      }`,
    );
    const { events } = await rig.run(['flow.ts', ...WORKERS]);
    expect((await rig.artifacts('latest/end'))['texts']).toEqual([
      '0.0=0/2!',
      '0.1=1/2!',
      '1.0=0/1!',
      '2.0=0/3!',
      '2.1=1/3!',
      '2.2=2/3!',
    ]);
    const gangs = events.flatMap((event) => (event.type === 'gang.succeeded' ? [event] : []));
    const sizes = gangs.map(({ members }) => members.length);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });
});

describe('flow resume of a gang', () => {
  it('takes it over as a whole, or runs it again as a whole', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', gang('2', '', { join: `throw new Error('joined')` }));
    expect((await rig.run(['flow.ts', ...WORKERS])).code).toBe(1);
    await rig.write('flow.ts', gang('2', ''));
    const dry = await rig.ok(['resume', 'flow.ts', '--rerun', 'train/1', '--dry-run']);
    expect(dry.stdout).toMatch(/run +train\/0 +train\/1, a task of the same gang, runs again/);
    const resume = (...more: string[]) =>
      rig.flow(['resume', 'flow.ts', ...more, ...WORKERS, '--json']);
    const whole = await resume();
    expect(whole.code).toBe(0);
    expect(cloned(whole)).toEqual(['start/0', 'train/0', 'train/1']);
    expect((await rig.ok(['fsck', '--json'])).code).toBe(0);
    const spun = await rig.flow(['spin', 'latest/train/1']);
    expect(spun.code).toBe(2);
    expect(spun.stderr).toContain('resume FILE --rerun train/1');
    expect((await rig.artifacts('latest/end'))['sum']).toBe(7 + 8);
    const origin = ['--origin-run-id', 'latest'];
    expect(cloned(await resume(...origin, '--rerun', 'train/1'))).toEqual(['start/0']);
    await rig.write('flow.ts', gang('3', ''));
    const wider = await resume(...origin, 'start');
    expect(cloned(wider)).toEqual([]);
    expect((await rig.artifacts('latest/end'))['sum']).toBe(7 + 8 + 9);
  });

  it('runs all of it again where the run was killed in its middle', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      gang('2', `if (n === 1) { writeFileSync('up', ''); await until('go'); }`),
    );
    const command = rig.start(['run', 'flow.ts', ...WORKERS, '--json']);
    await command.waitForEvent(
      'task.launched',
      ({ step, position }) => `${step}${position}` === 'train1',
    );
    command.kill('SIGKILL');
    await command.finished;
    await rig.write('go', '');
    await expect.poll(() => rig.survivors(), { timeout: 10_000 }).toEqual([]);
    const resumed = await rig.flow(['resume', 'flow.ts', ...WORKERS, '--json']);
    expect(resumed.code).toBe(0);
    expect(cloned(resumed)).toEqual(['start/0']);
    expect((await rig.artifacts('latest/end'))['sum']).toBe(7 + 8);
  });
});
