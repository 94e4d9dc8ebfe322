import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-table.ts';
import { Output } from '../../../src/cli/output.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { flowIn, Pipe } from './flow-in.ts';

const flow = (...tokens: string[]) => flowIn('/nowhere', tokens);

describe('the program', () => {
  it('lists every command in its help', async () => {
    const { code, stdout, stderr } = await flow('--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatchSnapshot();
    for (const { name } of COMMANDS) expect(stdout).toContain(`  ${name} `);
  });

  it('without a command explains itself on stderr, with exit code 2', async () => {
    const { code, stdout, stderr } = await flow();
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: flow');
  });

  it.each(COMMANDS)('explains $name, with -h, --help or help', async ({ name, options }) => {
    const { code, stdout } = await flow(name, '--help');
    expect(code).toBe(0);
    for (const option of options) expect(stdout).toContain(`--${option.name}`);
    expect((await flow(name, '-h')).stdout).toBe(stdout);
    expect((await flow('help', name)).stdout).toBe(stdout);
  });

  it.each([
    [['rnu'], 'error: unknown command "rnu"\nhint: did you mean "run"?\n'],
    [['my_flow.ts'], 'error: unknown command "my_flow.ts"\nhint: to run it: flow run my_flow.ts\n'],
    [
      ['mein Fluß.ts:Größe'],
      `error: unknown command "mein Fluß.ts:Größe"\nhint: to run it: flow run 'mein Fluß.ts:Größe'\n`,
    ],
    [['--verison'], 'error: unknown option --verison\nhint: did you mean "--version"?\n'],
    [['runs', '--limt', '3'], 'error: unknown option --limt\nhint: did you mean "--limit"?\n'],
    [['check'], 'error: flow check needs a file\nhint: write flow check FILE\n'],
    [['resume'], 'error: flow resume needs a file\nhint: write flow resume FILE [STEP]\n'],
    [['run', '--tag', 'x'], 'error: flow run needs a file\nhint: write flow run FILE\n'],
    [
      ['graph', 'f.ts', '--format', 'dott'],
      'error: --format cannot be "dott"\nhint: did you mean "dot"?\n',
    ],
  ])('refuses %j with exit code 2 and a suggestion', async (tokens, message) => {
    expect(await flow(...tokens)).toEqual({ code: 2, stdout: '', stderr: message });
  });

  it('tells errors as JSON on stdout, if JSON was asked for', async () => {
    const { code, stdout, stderr } = await flow('runs', '--json', '--limit', 'x');
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'OPTION_INVALID',
        message: '--limit cannot be "x"',
        hint: 'give a whole number from 1',
        exitCode: 2,
        diagnostics: [],
        details: null,
      },
    });
  });
});

describe('an output', () => {
  it('whose reader went away takes everything and keeps nothing', async () => {
    const pipe = new Pipe();
    const output = new Output(pipe);
    await output.writeAll('kept');
    pipe.isBroken = true;
    await output.writeAll('lost');
    expect(output.isClosed).toBe(true);
    output.write('lost, too');
    await output.flush();
    expect(pipe.text).toBe('kept');
  });

  it('that cannot take it all, since the disk is full, makes the command fail in the end', async () => {
    const [stdout, stderr] = [new Pipe(), new Pipe()];
    const host = {
      stdout: new Output(stdout),
      stderr: new Output(stderr),
      environment: {},
      cwd: '/',
    };
    stdout.emit('error', new Error('no space left'));
    expect(await runProgram(['--help'], host)).toBe(1);
    expect(stderr.text).toMatch(/could be written: no space left/);
  });
});
