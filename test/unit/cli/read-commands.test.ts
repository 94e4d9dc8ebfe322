import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReference } from '../../../src/client/run-reference.ts';
import { openLogFiles } from '../../../src/journal/log-files.ts';
import type { ArtifactChanges } from '../../../src/model/artifact.ts';
import type { EventDraft } from '../../../src/model/events.ts';
import type { LogStream } from '../../../src/model/ports/executor.ts';
import { encodeArtifact } from '../../../src/store/artifacts.ts';
import { openLocalBlobStore } from '../../../src/store/local/blob-store.ts';
import { storeRun } from '../client/stored-run.ts';
import { at, launched, succeeded } from '../journal/events.ts';
import { flowIn } from './flow-in.ts';

const AT = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;
let cwd: string;
let older: RunReference;
let newer: RunReference;

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'millrace-read-'));
  const root = join(cwd, 'here');
  older = await storeRun(root, {
    flow: 'Other',
    atMs: AT - DAY_MS,
    drafts: [{ type: 'run.cancelled', reason: 'SIGINT' }],
    tags: ['nightly'],
  });
  newer = await storeRun(root, { atMs: AT, drafts: await foreachDrafts(root) });
  await log('start', { attempt: 1, stream: 'stdout' }, [0, 'a\nb']);
  await log('start', { attempt: 1, stream: 'stderr' }, [5, 'warn\n']);
  await log('start', { attempt: 2, stream: 'stdout' }, [10, 'again\n']);
  await log('split', { position: '1', attempt: 1, stream: 'stdout' }, [20, 'item\n']);
});

afterAll(() => {
  rmSync(cwd, { recursive: true, force: true });
});

async function foreachDrafts(root: string): Promise<EventDraft[]> {
  const blobs = openLocalBlobStore(root);
  const changes: ArtifactChanges = {
    small: await encodeArtifact(new Map([['k', 1]]), blobs),
    large: await encodeArtifact('x'.repeat(5_000), blobs),
  };
  return [
    launched('start'),
    { ...succeeded('start/0', {}, { foreach: 'split', size: 2 }), changes } as EventDraft,
    launched('split', '0'),
    succeeded('split/0', {}, ['a', 'b']),
    launched('split', '1'),
    succeeded('split/1', {}, ['a', 'b']),
    { type: 'run.succeeded' },
  ];
}

async function log(
  step: string,
  of: { position?: string; attempt: number; stream: LogStream },
  [afterMs, text]: [number, string],
): Promise<void> {
  const files = openLogFiles({
    dir: newer.dir,
    step,
    position: at(of.position ?? '0'),
    attempt: of.attempt,
  });
  await files.write(of.stream, Buffer.from(text), AT + afterMs);
  await files.close();
}

async function flow(...tokens: string[]) {
  const { code, stdout, stderr } = await flowIn(cwd, [...tokens, '--store', 'here']);
  return { code, stderr, stdout, lines: stdout.split('\n').filter((line) => line !== '') };
}

describe('flow runs', () => {
  const runsOf = async (...options: string[]) => {
    const { stdout } = await flow('runs', '--json', ...options);
    return JSON.parse(stdout).map(({ run }: { run: string }) => run);
  };

  it('lists the latest first', async () => {
    const { code, lines } = await flow('runs');
    expect(code).toBe(0);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^\S{13} {2}Weather {2}succeeded {2}2026-11-21 12:00:00 {2}0 ms$/);
    expect(lines[1]).toContain('nightly');
  });

  it('narrows by every option', async () => {
    expect(await runsOf()).toEqual([newer.run, older.run]);
    expect(await runsOf('--limit', '1')).toEqual([newer.run]);
    expect(await runsOf('--tag', 'nightly')).toEqual([older.run]);
    expect(await runsOf('--status', 'succeeded')).toEqual([newer.run]);
    expect(await runsOf('--flow', 'Other')).toEqual([older.run]);
    expect(await runsOf('--since', new Date(AT).toISOString())).toEqual([newer.run]);
    expect(await runsOf('--since', '2026-11-20')).toEqual([newer.run, older.run]);
  });

  it('finds nothing in another store', async () => {
    const { code, stdout } = await flowIn(cwd, ['runs', '--store', 'there']);
    expect([code, stdout]).toEqual([0, `no such runs in ${join(cwd, 'there')}\n`]);
  });
});

describe('flow logs', () => {
  it('prints the bytes of one task as they were, all attempts in order', async () => {
    expect((await flow('logs', 'latest/start')).stdout).toBe('a\nbwarn\nagain\n');
  });

  it('says whose line it is where there are several tasks', async () => {
    const { lines } = await flow('logs', 'Weather/latest');
    expect(lines).toContain('[start/0] again');
    expect(lines).toContain('[split/1] item');
    expect((await flow('logs', `${newer.run}/split`)).lines).toEqual(['[split/1] item']);
    expect((await flow('logs', `${newer.run}/split/1`)).lines).toEqual(['item']);
  });

  it('narrows by stream and attempt', async () => {
    expect((await flow('logs', 'latest/start', '--stderr')).stdout).toBe('warn\n');
    expect((await flow('logs', 'latest/start', '--stdout')).stdout).toBe('a\nbagain\n');
    expect((await flow('logs', 'latest/start', '--attempt', '2')).stdout).toBe('again\n');
    const both = await flow('logs', 'latest/start', '--stdout', '--stderr');
    expect(both.stdout).toBe('a\nbwarn\nagain\n');
  });

  it('puts times before lines', async () => {
    const { lines } = await flow('logs', 'latest/start', '--attempt', '2', '--timestamps');
    expect(lines).toEqual(['2026-11-21T12:00:00.010Z again']);
  });

  it('gives one JSON object a line', async () => {
    const { lines } = await flow('logs', 'latest/start', '--stderr', '--json');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        step: 'start',
        task: '0',
        attempt: 1,
        stream: 'stderr',
        at: '2026-11-21T12:00:00.005Z',
        text: 'warn',
      },
    ]);
  });

  it.each([
    ['latest/strat', 'did you mean "start"?'],
    ['latest/split/x', 'a task id is'],
    ['latest/split/7', 'did you mean'],
    ['latest/split/1/more', 'RUN/step/task'],
    ['Other/nix', ''],
  ])('refuses %s with exit code 2', async (target, hint) => {
    const { code, stderr, stdout } = await flow('logs', target);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(hint);
  });
});

describe('flow dump', () => {
  it('shows the beginning of long values, or all of them up to a size', async () => {
    const { code, lines } = await flow('dump', 'latest/start');
    expect(code).toBe(0);
    expect(lines).toEqual([
      'start/0',
      "  small = Map(1) { 'k' => 1 }",
      expect.stringMatching(/^ {2}large = '(xxx)+.*4000 more characters$/),
    ]);
    const whole = await flow('dump', 'latest/start', '--max-value-size', '5000');
    expect(whole.stdout).toContain('x'.repeat(5_000));
    const limited = await flow('dump', 'latest/start', '--max-value-size', '4999');
    expect(limited.lines[2]).toBe('  large = text of 4.9 KiB: see it with --max-value-size 5000');
  });

  it('gives all values to programs', async () => {
    const { stdout } = await flow('dump', 'latest/start', '--json');
    expect(JSON.parse(stdout)).toEqual({
      task: 'start/0',
      artifacts: { small: { type: 'Map', entries: [['k', 1]] }, large: 'x'.repeat(5_000) },
    });
  });

  it('takes only the artifacts that are asked for', async () => {
    const named = await flow('dump', 'latest/start/0/small');
    expect(named.lines).toEqual(['start/0', "  small = Map(1) { 'k' => 1 }"]);
    const { lines } = await flow('dump', 'latest/start', '--include', 'small');
    expect(lines).toHaveLength(2);
    const both = await flow('dump', 'latest/start', '--include', 'small,large', '--json');
    expect(Object.keys(JSON.parse(both.stdout).artifacts)).toEqual(['small', 'large']);
    const unknown = await flow('dump', 'latest/start', '--include', 'smal');
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      'error: the task has no artifact "smal"\nhint: did you mean "small"?\n',
    ]);
  });

  it('shows every task of a step, or one', async () => {
    const { stdout } = await flow('dump', 'latest/split', '--json');
    const { tasks } = JSON.parse(stdout);
    expect(tasks.map(({ task }: { task: string }) => task)).toEqual(['split/0', 'split/1']);
    expect((await flow('dump', 'latest/split/1')).lines[0]).toBe('split/1');
  });

  it('writes the values into a file', async () => {
    const { stdout } = await flow('dump', 'latest/start', '--file', 'out.json');
    expect(stdout).toBe('✓ written to out.json\n');
    const written = JSON.parse(readFileSync(join(cwd, 'out.json'), 'utf8'));
    expect(written.artifacts.large).toHaveLength(5_000);
    expect((await flow('dump', 'latest/start', '--file', 'no/out.json')).code).toBe(1);
  });

  it.each(['latest', 'latest/both'])('refuses %s, which names no task that ran', async (target) => {
    expect((await flow('dump', target)).code).toBe(2);
  });
});
