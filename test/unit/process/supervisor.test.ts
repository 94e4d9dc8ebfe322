import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { findMarked, MARK_VARIABLE } from '../../../src/process/marked-processes.ts';
import { Supervisor } from '../../../src/process/supervisor.ts';

describe('the mark of a child', () => {
  it('is one of its own, within that of the run and of the runs around', async () => {
    const outer = new Supervisor({});
    const inner = new Supervisor(outer.markChild({ PATH: '/bin' }).env);
    const [first, second] = [inner.markChild({ A: 'b' }), inner.markChild({})];
    expect(first.text).not.toBe(second.text);
    expect(first.env['A']).toBe('b');
    expect(first.env[MARK_VARIABLE]).toContain(outer.mark);
    expect(first.env[MARK_VARIABLE]).toContain(inner.mark);
    await Promise.all([outer.close(), inner.close()]);
  });

  it.runIf(process.platform === 'linux')('finds its descendants, and only those', async () => {
    const supervisor = new Supervisor();
    const [mine, other] = [supervisor.markChild(process.env), supervisor.markChild(process.env)];
    const sleeper = spawn('sleep', ['1000'], { detached: true, env: mine.env });
    await once(sleeper, 'spawn');
    expect(findMarked(mine.text)).toEqual([sleeper.pid]);
    expect(findMarked(supervisor.mark)).toEqual([sleeper.pid]);
    expect(findMarked(other.text)).toEqual([]);
    const ended = once(sleeper, 'exit');
    await supervisor.endChild(mine);
    await ended;
    await supervisor.close();
  });

  it.runIf(process.platform === 'linux')(
    'ends what was never registered, at the close',
    async () => {
      const supervisor = new Supervisor();
      const { env } = supervisor.markChild(process.env);
      const sleeper = spawn('sleep', ['1000'], { detached: true, env });
      const ended = once(sleeper, 'exit');
      await once(sleeper, 'spawn');
      await supervisor.close();
      expect((await ended)[1]).toBe('SIGKILL');
    },
  );
});
