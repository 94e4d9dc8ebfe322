import { describe, expect, it } from 'vitest';
import { JsonConsole } from '../../../src/observe/console/json.ts';
import { PlainConsole } from '../../../src/observe/console/plain.ts';
import { EventScript, failedDraft, foreachOf, logLine, RUN, streamed, task } from './events.ts';

function collect() {
  const texts: string[] = [];
  return { texts, sink: { write: (text: string) => void texts.push(text) } };
}

describe('the plain console', () => {
  it('prints one prefixed line for each event and each log line', () => {
    const { texts, sink } = collect();
    const console = new PlainConsole(sink);
    const script = new EventScript();
    console.onEvent(script.started());
    console.onEvent(script.at(1, { type: 'task.launched', ...task('start') }));
    console.onLog(logLine('start', '0', 'hello\u001b[31m'));
    console.onEvent(
      script.at(9, {
        type: 'task.succeeded',
        ...task('start'),
        changes: {},
        transition: foreachOf(3),
        usage: { wallMs: 8 },
      }),
    );
    console.onEvent(script.at(9, { type: 'task.launched', ...task('work', '2', 2) }));
    console.onEvent(
      script.at(
        20,
        failedDraft(
          task('work', '2', 2),
          { kind: 'signal', signal: 'SIGKILL' },
          { kind: 'give-up' },
        ),
      ),
    );
    console.onEvent(script.at(21, { type: 'run.stopping', reason: 'SIGINT' }));
    console.onEvent(script.at(22, { type: 'run.cancelled', reason: 'SIGINT' }));
    expect(texts).toEqual([
      `[${RUN}] Weather started, at most 2 tasks at a time\n`,
      `[${RUN}/start/0] launched\n`,
      `[${RUN}/start/0] hello\n`,
      `[${RUN}/start/0] succeeded in 8 ms → work × 3\n`,
      `[${RUN}/work/2] launched, attempt 2\n`,
      `[${RUN}/work/2] failed: its process was ended by SIGKILL\n`,
      `[${RUN}] stopping: SIGINT\n`,
      `[${RUN}] run cancelled: SIGINT\n`,
    ]);
  });

  it('tells of items that come one after the other', () => {
    const { texts, sink } = collect();
    const console = new PlainConsole(sink);
    const script = new EventScript();
    for (const draft of streamed([1, 3])) console.onEvent(script.at(1, draft));
    expect(texts).toEqual([
      `[${RUN}/start/0] yields items → work\n`,
      `[${RUN}/start/0] yielded item 0\n`,
      `[${RUN}/start/0] yielded items 1 to 3\n`,
    ]);
  });

  it('can leave the events to another reader', () => {
    const { texts, sink } = collect();
    const console = new PlainConsole(sink, { only: 'logs' });
    console.onEvent(new EventScript().started());
    console.onLog(logLine('start', '0', 'hello'));
    expect(texts).toEqual([`[${RUN}/start/0] hello\n`]);
  });
});

describe('the JSON console', () => {
  it('prints the events themselves, one a line', () => {
    const { texts, sink } = collect();
    const script = new EventScript();
    const events = [script.started(), script.at(1, { type: 'run.succeeded' })];
    const console = new JsonConsole(sink);
    for (const event of events) console.onEvent(event);
    expect(texts.map((text) => JSON.parse(text))).toEqual(events);
    expect(texts.every((text) => text.endsWith('}\n'))).toBe(true);
  });
});
