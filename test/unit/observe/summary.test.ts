import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/model/failure.ts';
import { SummaryConsole } from '../../../src/observe/console/summary.ts';
import { EventScript, failedDraft, foreachOf, GRAPH, logLine, next, RUN, task } from './events.ts';
import { Screen } from './screen.ts';

const FAILURE: Failure = {
  kind: 'user-error',
  name: 'RangeError',
  message: 'too hot\nby far',
  hint: 'open a window',
  frames: [
    { function: 'helper', file: '/home/me/node_modules/x/y.js', line: 1, column: 2, own: false },
    { function: 'Weather.work', file: '/home/me/weather.ts', line: 12, column: 5, own: true },
  ],
  cause: { kind: 'user-error', name: 'Error', message: 'sensor', frames: [] },
};

function open() {
  const screen = new Screen(200);
  const console = new SummaryConsole(screen, {
    colors: createColors(false),
    cwd: '/home/me',
    program: 'npx flow',
  });
  const script = new EventScript();
  console.onGraph(GRAPH);
  console.onEvent(script.started());
  console.onEvent(script.at(10, { type: 'task.launched', ...task('start') }));
  console.onEvent(
    script.at(60, {
      type: 'task.succeeded',
      ...task('start'),
      changes: {},
      transition: foreachOf(2),
    }),
  );
  return { screen, console, script };
}

describe('the summary of a run', () => {
  it('that succeeded gives counts and durations, and leaves out what never ran', () => {
    const { screen, console, script } = open();
    for (const [position, endsAt] of [
      ['0', 300],
      ['1', 1_360],
    ] as const) {
      console.onEvent(script.at(60, { type: 'task.launched', ...task('work', position) }));
      console.onEvent(
        script.at(endsAt, {
          type: 'task.succeeded',
          ...task('work', position),
          changes: {},
          transition: next('join'),
          usage: { wallMs: endsAt - 60, cpuMs: 600, peakRssBytes: endsAt * 1e5 },
        }),
      );
    }
    console.onEvent(script.at(1_400, { type: 'run.succeeded' }));
    console.close();
    expect(screen.lines).toEqual([
      `✓ Weather succeeded in 1.4 s, run ${RUN}`,
      '  start  1 task   50 ms',
      '  work   2 tasks  1.3 s, CPU 1.2 s, 136 MB',
    ]);
  });

  it('that failed tells the cause, the own frames, the last output and where the rest is', () => {
    const { screen, console, script } = open();
    console.onEvent(script.at(60, { type: 'task.launched', ...task('work', '1') }));
    console.onEvent(
      script.at(
        80,
        failedDraft(task('work', '1'), { kind: 'exit', code: 1 }, { kind: 'retry', delayMs: 0 }),
      ),
    );
    console.onEvent(script.at(80, { type: 'task.launched', ...task('work', '1', 2) }));
    for (let line = 1; line <= 12; line += 1) {
      console.onLog(logLine('work', '1', `line ${line}\u001b[2J`));
    }
    console.onEvent(
      script.at(100, failedDraft(task('work', '1', 2), FAILURE, { kind: 'give-up' })),
    );
    console.onEvent(script.at(110, { type: 'run.failed', failure: FAILURE }));
    console.close();
    expect(screen.lines).toEqual([
      `✗ Weather failed after 110 ms, run ${RUN}`,
      '  start  1 task                      50 ms',
      '  work   1 task (1 failed, 1 retry)  40 ms',
      '',
      'work/1 (attempt 2) failed: RangeError: too hot',
      '    by far',
      '    at Weather.work (weather.ts:12:5)',
      '  hint: open a window',
      '  caused by Error: sensor',
      '  its last output:',
      ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((line) => `    | line ${line}`),
      `  its whole output: npx flow logs ${RUN}/work/1`,
    ]);
  });

  it('that failed often shows the first failures and counts the others', () => {
    const { screen, console, script } = open();
    for (let index = 0; index < 5; index += 1) {
      console.onEvent(script.at(60, { type: 'task.launched', ...task('work', `${index}`) }));
      console.onEvent(
        script.at(
          80,
          failedDraft(task('work', `${index}`), { kind: 'exit', code: index }, { kind: 'give-up' }),
        ),
      );
    }
    console.close();
    expect(screen.lines.filter((line) => line.includes('failed:'))).toHaveLength(3);
    expect(screen.lines.at(-1)).toBe('and 2 more tasks failed');
    expect(screen.lines[0]).toBe(`✗ Weather did not come to its end, run ${RUN}`);
  });

  it('that was cancelled says by what', () => {
    const { screen, console, script } = open();
    console.onEvent(script.at(70, { type: 'run.cancelled', reason: 'SIGINT' }));
    console.close();
    expect(screen.lines[0]).toBe(`■ Weather was cancelled after 70 ms (SIGINT), run ${RUN}`);
  });

  it('that never started is empty', () => {
    const screen = new Screen(80);
    const console = new SummaryConsole(screen, {
      colors: createColors(false),
      cwd: '/',
      program: 'flow',
    });
    console.close();
    expect(screen.writes).toBe(0);
  });
});
