import { createColors } from 'picocolors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { textWidth } from '../../../src/base/text-width.ts';
import { LiveConsole } from '../../../src/observe/console/live.ts';
import {
  EventScript,
  failedDraft,
  foreachOf,
  GRAPH,
  logLine,
  next,
  RUN,
  START_AT,
  task,
} from './events.ts';
import { Screen } from './screen.ts';

let now = START_AT;

function open(screen: Screen) {
  const live = new LiveConsole(screen, { colors: createColors(false), clock: { now: () => now } });
  const script = new EventScript();
  live.onGraph(GRAPH);
  live.onEvent(script.started());
  return { live, script };
}

/** Two of three items run, one is done. */
function openAtWork(screen: Screen) {
  const { live, script } = open(screen);
  live.onEvent(script.at(10, { type: 'task.launched', ...task('start') }));
  live.onEvent(
    script.at(50, {
      type: 'task.succeeded',
      ...task('start'),
      changes: {},
      transition: foreachOf(3),
    }),
  );
  for (const position of ['0', '1', '2']) {
    live.onEvent(script.at(60, { type: 'task.launched', ...task('work', position) }));
  }
  live.onEvent(
    script.at(90, {
      type: 'task.succeeded',
      ...task('work', '1'),
      changes: {},
      transition: next('join'),
    }),
  );
  return { live, script };
}

beforeEach(() => {
  vi.useFakeTimers();
  now = START_AT + 1_000;
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the live view', () => {
  it('shows steps with counts for a foreach, and what runs since when', () => {
    const screen = new Screen(60);
    const { live } = openAtWork(screen);
    live.redraw();
    expect(screen.lines).toEqual([
      `Weather  run ${RUN}  1.0 s`,
      '  ✓ start',
      '  ● work   1/3',
      '  ○ join',
      '  ○ end',
      '    work/0  940 ms',
      '    work/2  940 ms',
    ]);
    live.close();
  });

  it('redraws in place, with one write, and lets log lines scroll above', () => {
    const screen = new Screen(60);
    const { live, script } = openAtWork(screen);
    live.redraw();
    const before = screen.writes;
    live.onLog(logLine('work', '0', 'hello\u001b[2J'));
    live.onEvent(
      script.at(99, {
        type: 'task.succeeded',
        ...task('work', '2'),
        changes: {},
        transition: next('join'),
      }),
    );
    live.redraw();
    expect(screen.writes).toBe(before + 1);
    expect(screen.lines).toEqual([
      'work/0 hello',
      `Weather  run ${RUN}  1.0 s`,
      '  ✓ start',
      '  ● work   2/3',
      '  ○ join',
      '  ○ end',
      '    work/0  940 ms',
    ]);
    live.close();
  });

  it('leaves only what scrolled by when it ends', () => {
    const screen = new Screen(60);
    const { live } = openAtWork(screen);
    live.onLog(logLine('work', '0', 'kept'));
    live.redraw();
    live.close();
    expect(screen.lines).toEqual(['work/0 kept']);
  });

  it('draws at most ten times a second, however many events come', () => {
    const screen = new Screen(60);
    const { live } = openAtWork(screen);
    for (let tick = 0; tick < 1_000; tick += 1) {
      live.onLog(logLine('work', '0', `line ${tick}`));
      now += 1;
      vi.advanceTimersByTime(1);
    }
    expect(screen.writes).toBeLessThanOrEqual(10);
    live.close();
  });

  it('rests while nothing happens, save for the elapsed times', () => {
    const screen = new Screen(60);
    const { live } = openAtWork(screen);
    for (let tick = 0; tick < 20; tick += 1) {
      now += 100;
      vi.advanceTimersByTime(100);
    }
    expect(screen.writes).toBe(4);
    live.close();
  });

  it.each([20, 33, 59, 120])('survives a resize to %i columns', (columns) => {
    const screen = new Screen(60);
    const { live } = openAtWork(screen);
    live.onLog(logLine('work', '0', 'above'));
    live.redraw();
    screen.resize(columns);
    now += 1_000;
    live.redraw();
    expect(screen.lines[0]).toBe('work/0 above');
    expect(screen.lines.filter((line) => line.startsWith('Weather'))).toHaveLength(1);
    expect(screen.lines).toHaveLength(8);
    live.close();
  });

  it.each([
    [10, 24],
    [40, 4],
    [1, 1],
    [80, 6],
  ])('never exceeds %i columns and %i rows', (columns, rows) => {
    const screen = new Screen(columns, rows);
    const { live } = openAtWork(screen);
    live.redraw();
    expect(screen.lines.length).toBeLessThan(Math.max(rows, 2));
    for (const line of screen.lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
    live.close();
  });

  it('says why a failed task runs again, and that it is the second attempt', () => {
    const screen = new Screen(80);
    const { live, script } = openAtWork(screen);
    live.onEvent(
      script.at(
        100,
        failedDraft(
          task('work', '0'),
          { kind: 'exit', code: 3 },
          { kind: 'retry', delayMs: 2_000 },
        ),
      ),
    );
    live.onEvent(script.at(200, { type: 'task.launched', ...task('work', '0', 2) }));
    live.redraw();
    expect(screen.lines[0]).toBe('! work/0 its process exited with code 3; retried in 2.0 s');
    expect(screen.lines).toContain('  ● work   1/3  1 retry');
    expect(screen.lines).toContain('    work/0  800 ms  attempt 2');
    live.close();
  });

  it('drops lines that come faster than anybody reads, and says so', () => {
    const screen = new Screen(80);
    const { live } = openAtWork(screen);
    for (let line = 0; line < 1_000; line += 1) live.onLog(logLine('work', '0', `line ${line}`));
    live.redraw();
    expect(screen.lines).toContain(`… 800 more lines, see flow logs ${RUN}`);
    live.close();
  });
});
