// oxlint-disable no-console -- what steps print is looked at
import { existsSync } from 'node:fs';
import {
  catchError,
  current,
  environment,
  FlowSpec,
  type Inputs,
  limit,
  param,
  resources,
  retry,
  step,
  timeout,
} from 'millrace';
import { FakeTime, fail, kill, outOfMemory, testFlow, timeout as timesOut } from 'millrace/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.useRealTimers();
});

/** What steps did to the world outside. */
let effects: string[] = [];

class Weather extends FlowSpec {
  readonly top = param.int({ default: 1, min: 1 });
  cities = ['oslo', 'rome', 'bergen'];
  name = '';
  attempt = 0;
  warmest: string[] = [];

  @step start() {
    effects = [];
    this.next(this.average, { foreach: this.cities });
  }

  @retry({ times: 2, backoff: { initial: '2m', factor: 2, jitter: false } })
  @timeout('1h')
  @step
  async average(name: string) {
    await Promise.resolve();
    effects.push(name);
    console.log('city', name);
    this.name = name;
    this.attempt = current.attempt;
    this.next(this.join);
  }

  @step join(inputs: Inputs<Weather>) {
    this.warmest = inputs.map(({ name, attempt }) => `${name} ${attempt}`).slice(0, this.top);
    this.next(this.end);
  }

  @step end() {
    console.error('done');
  }
}

describe('a whole flow in a test', () => {
  it('runs to its end, one task at a time, in a store that disappears', async () => {
    let folder = '';
    {
      await using run = await testFlow(Weather, { parameters: { top: 2 } });
      expect(run).toMatchObject({ status: 'succeeded', exitCode: 0, failure: undefined });
      expect(await run.artifacts.warmest).toEqual(['oslo 1', 'rome 1']);
      expect((await run.data()).top).toBe(2);
      expect(await run.task('average', 2).artifacts.name).toBe('bergen');
      expect(await run.task('join').status).toBe('succeeded');
      expect(run.order).toEqual([
        'start/0',
        'average/0',
        'average/1',
        'average/2',
        'join/0',
        'end/0',
      ]);
      expect(await run.stdout).toBe('city oslo\ncity rome\ncity bergen\n');
      expect(await run.stderr).toBe('done\n');
      expect(run.events.at(0)?.type).toBe('run.started');
      expect(run.events.at(-1)?.type).toBe('run.succeeded');
      const [artifact] = await run.task('end').listArtifacts();
      expect(artifact).toBeDefined();
      folder = run.store;
      expect(existsSync(folder)).toBe(true);
    }
    expect(existsSync(folder)).toBe(false);
  });

  it('is retried after a kill as ever, and the delay passes at once', async () => {
    const time = new FakeTime('2026-03-01T00:00:00Z');
    await using run = await testFlow(Weather, { time, inject: [kill('average', { task: 1 })] });
    expect(run.status).toBe('succeeded');
    expect(run.order.filter((task) => task === 'average/1')).toHaveLength(2);
    expect(effects).toEqual(['oslo', 'bergen', 'rome']);
    const [first] = await run.task('average', 1).attempts;
    expect(first?.failure).toEqual({ kind: 'signal', signal: 'SIGKILL' });
    expect(time.elapsedMs).toBe(120_000);
    expect(new Date(run.events[0]?.at ?? 0).toISOString()).toBe('2026-03-01T00:00:00.000Z');
  });

  it('loses what a task left that is killed at its end, and not its effects', async () => {
    const inject = [kill('average', { task: '0', when: 'after' })];
    await using run = await testFlow(Weather, { inject });
    expect(effects).toEqual(['oslo', 'rome', 'bergen', 'oslo']);
    expect(await run.artifacts.warmest).toEqual(['oslo 2']);
  });

  it('fails when every attempt does, and is resumed without it', async () => {
    const time = new FakeTime();
    const broken = fail('average', new RangeError('no map'), { task: 2, attempt: 'every' });
    await using run = await testFlow(Weather, { time, inject: [broken], tags: ['first'] });
    expect(run).toMatchObject({ status: 'failed', exitCode: 1 });
    expect(run.failure).toMatchObject({
      kind: 'user-error',
      name: 'RangeError',
      message: 'no map',
    });
    expect(await run.run.tags).toEqual(['first']);
    expect(time.elapsedMs).toBe(360_000);
    const resumed = await run.resume();
    expect(resumed.status).toBe('succeeded');
    expect(resumed.order).toEqual(['average/2', 'join/0', 'end/0']);
    const again = await resumed.resume({ rerun: ['average/1'] });
    expect(again.order).toEqual(['average/1', 'join/0', 'end/0']);
    const end = await resumed.resume({ step: 'end' });
    expect(end.order).toEqual(['end/0']);
  });

  it('resumes with the flow as it was mended', async () => {
    class Broken extends Weather {
      @step override async average(name: string) {
        if (name === 'rome') throw new Error('rome was not built');
        this.name = name;
        this.next(this.join);
      }
    }
    await using run = await testFlow(named(Broken));
    expect(run.status).toBe('failed');
    const resumed = await run.resume({ flow: named<typeof Weather>(Weather) });
    expect(resumed.order).toEqual(['average/1', 'average/2', 'join/0', 'end/0']);
  });

  it('lets a timeout pass at once, injected or slept through', async () => {
    const time = new FakeTime();
    class Slow extends FlowSpec {
      heard = 0;
      @timeout('5m')
      @retry({ times: 1, backoff: { initial: 0 } })
      @step
      async start() {
        const { attempt, signal } = current;
        if (attempt === 1) await time.sleep('10m', { signal });
        this.next(this.end);
      }
      @step end() {}
    }
    await using run = await testFlow(Slow, { time });
    expect(run.status).toBe('succeeded');
    const attempts = await run.task('start').attempts;
    expect(attempts.map(({ failure }) => failure)).toEqual([
      { kind: 'timeout', afterMs: 300_000 },
      undefined,
    ]);
    expect(time.elapsedMs).toBe(300_000);
    const again = new FakeTime();
    const inject = [timesOut('average', { task: 0 })];
    await using other = await testFlow(Weather, { time: again, inject });
    expect(other.status).toBe('succeeded');
    expect(again.elapsedMs).toBe(3_600_000 + 120_000);
  });

  it('gives up on a step that does not listen, after its grace', async () => {
    const time = new FakeTime();
    class Deaf extends FlowSpec {
      @timeout('1m')
      @step
      async start() {
        await time.sleep('1d');
        this.next(this.end);
      }
      @step end() {}
    }
    await using run = await testFlow(Deaf, { time, graceMs: 7_000 });
    expect(run.failure).toEqual({ kind: 'timeout', afterMs: 60_000 });
    expect(time.elapsedMs).toBe(67_000);
  });

  it('catches what is injected, as after a crash', async () => {
    class Caught extends FlowSpec {
      error?: unknown;
      @catchError('error')
      @resources({ memory: '1GB' })
      @step
      start() {
        this.next(this.end);
      }
      @step end() {}
    }
    await using run = await testFlow(Caught, { inject: [outOfMemory('start')] });
    expect(run.status).toBe('succeeded');
    expect(await run.artifacts.error).toMatchObject({
      kind: 'out-of-memory',
      by: 'limit',
      limitBytes: 1_000_000_000,
    });
    await using bare = await testFlow(Weather, {
      inject: [outOfMemory('end')],
    });
    expect(bare.failure).toEqual({ kind: 'out-of-memory', by: 'kernel' });
  });

  it('refuses what cannot happen, and says what never happened', async () => {
    const never = testFlow(Weather, { inject: [kill('average', { task: 7 })] });
    await expect(never).rejects.toMatchObject({ code: 'TEST_INJECTION_UNUSED' });
    const unknown = testFlow(Weather, { inject: [kill('averag')] });
    await expect(unknown).rejects.toMatchObject({ code: 'STEP_UNKNOWN' });
    const endless = testFlow(Weather, { inject: [timesOut('end')] });
    await expect(endless).rejects.toThrow(/no @timeout/);
    const wrong = testFlow(Weather, { parameters: { top: 0 } });
    await expect(wrong).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
    expect(() => new FakeTime('soon')).toThrow(/no time/);
    await expect(new FakeTime().sleep('long')).rejects.toThrow(/no duration/);
  });

  it("is not held up by a test runner's fake timers", async () => {
    vi.useFakeTimers();
    await using run = await testFlow(Weather, {
      inject: [kill('average'), timesOut('average', { attempt: 2 })],
    });
    expect(run.status).toBe('succeeded');
  });

  it('runs gangs, and as many tasks at once as it is told', async () => {
    let most = 0;
    let now = 0;
    class Gang extends FlowSpec {
      places: number[] = [];
      place = -1;
      @step start() {
        this.next(this.train, { numParallel: 3 });
      }
      @step async train() {
        most = Math.max(most, (now += 1));
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        this.place = current.parallel?.index ?? -1;
        this.next(this.collect);
      }
      @step collect(inputs: Inputs<Gang>) {
        this.places = inputs.map(({ place }) => place);
        this.next(this.end);
      }
      @step end() {}
    }
    await using run = await testFlow(Gang);
    expect(await run.artifacts.places).toEqual([0, 1, 2]);
    expect(most).toBe(3);
    await expect(testFlow(Gang, { maxWorkers: 2 })).rejects.toMatchObject({
      code: 'TASK_NEVER_FITS',
    });
    most = 0;
    class Wide extends Weather {
      @step override async average(name: string) {
        most = Math.max(most, (now += 1));
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        this.name = name;
        this.next(this.join);
      }
    }
    await using wide = await testFlow(Wide, { maxWorkers: 2 });
    expect(wide.status).toBe('succeeded');
    expect(most).toBe(2);
  });

  it('draws from async iterables, and limits splits and rounds', async () => {
    class Stream extends FlowSpec {
      sum = 0;
      n = 0;
      round = 0;
      @step start() {
        this.next(this.work, { foreach: numbers() });
      }
      @limit('api', 1)
      @step
      work(n: number) {
        this.n = n;
        this.next(this.join);
      }
      @step join(inputs: Inputs<Stream>) {
        this.sum = inputs.reduce((sum, { n }) => sum + n, 0);
        this.next(this.again);
      }
      @step again() {
        this.round += 1;
        this.next({ true: this.again, false: this.end }, { condition: this.round < 3 });
      }
      @step end() {}
    }
    async function* numbers() {
      for (let n = 1; n <= 5; n += 1) yield n;
    }
    await using run = await testFlow(Stream);
    expect(await run.artifacts.sum).toBe(15);
    expect(run.order.filter((task) => task.startsWith('again'))).toHaveLength(3);
    await using few = await testFlow(Stream, { maxSplits: 3 });
    expect(few.failure).toMatchObject({ code: 'TOO_MANY_SPLITS' });
    await using looped = await testFlow(Stream, { maxIterations: 2 });
    expect(looped.failure).toMatchObject({ message: expect.stringContaining('rounds') });
  });

  it('goes on beside a failure where it is told to', async () => {
    const inject = [fail('average', 'no error at all', { task: 0, attempt: 'every' })];
    await using run = await testFlow(Weather, { inject, onFailure: 'continue' });
    expect(await run.task('average', 2).status).toBe('succeeded');
    expect(run.failure).toMatchObject({ message: 'no error at all' });
  });

  it('is cancelled by a signal', async () => {
    const controller = new AbortController();
    await using run = await testFlow(Weather, {
      signal: controller.signal,
      onEvent: ({ type }) => {
        if (type === 'task.succeeded') controller.abort(new Error('enough'));
      },
    });
    expect(run.status).toBe('cancelled');
    // What follows from the event was launched with it, and is stopped before its code begins.
    expect(run.order).toEqual(['start/0', 'average/0']);
    expect(effects).toEqual([]);
    const [attempt] = await run.task('average', 0).attempts;
    expect(attempt?.failure).toEqual({ kind: 'cancelled', reason: 'enough' });
  });

  it('takes a call of process.exit for the end of the task', async () => {
    class Rude extends FlowSpec {
      @retry({ times: 1 })
      @step
      start() {
        if (current.attempt === 1) process.exit(3);
        this.next(this.end);
      }
      @step end() {}
    }
    await using run = await testFlow(Rude);
    expect(run.status).toBe('succeeded');
    const [first] = await run.task('start').attempts;
    expect(first?.failure).toEqual({ kind: 'exit', code: 3 });
  });

  it('lets no time pass for what it has given up', async () => {
    const [time, controller] = [new FakeTime(), new AbortController()];
    class Stopped extends Weather {
      @timeout('1h')
      @step
      override async average(name: string) {
        await new Promise((resolve) => setImmediate(resolve));
        if (name === 'rome') controller.abort();
        this.next(this.join);
      }
    }
    await using run = await testFlow(Stopped, {
      time,
      graceMs: 5_000,
      maxWorkers: 2,
      inject: [timesOut('average', { task: 0 })],
      signal: controller.signal,
    });
    expect(run.status).toBe('cancelled');
    expect(time.elapsedMs).toBe(5_000);
  });

  it('gives a step its environment, and takes it back', async () => {
    class Places extends FlowSpec {
      seen: unknown;
      @environment({ MILLRACE_PLACE: 'here' })
      @step
      start() {
        this.seen = process.env['MILLRACE_PLACE'];
        this.next(this.end);
      }
      @step end() {
        this.seen = [this.seen, process.env['MILLRACE_PLACE']];
      }
    }
    await using run = await testFlow(Places);
    expect(await run.artifacts.seen).toEqual(['here', undefined]);
    const shared = testFlow(Places, { maxWorkers: 2 });
    await expect(shared).rejects.toThrow(/share the environment/);
  });

  it('hides secrets in what it prints and in failures', async () => {
    class Secret extends FlowSpec {
      readonly token = param.secret();
      @step start() {
        console.log(`token ${this.token}!`);
        if (this.token !== '') throw new Error(`bad ${this.token}`);
        this.next(this.end);
      }
      @step end() {}
    }
    await using run = await testFlow(Secret, { parameters: { token: 'hunter22' } });
    expect(await run.stdout).toBe('token ***!\n');
    expect(run.failure).toMatchObject({ message: 'bad ***' });
  });
});

/** Two classes of one name. */
function named<F extends object>(flow: F): F {
  return Object.defineProperty(flow, 'name', { value: 'Weather' });
}
