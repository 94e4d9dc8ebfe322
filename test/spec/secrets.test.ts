import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const FLOW = `import { FlowSpec, param, step } from 'millrace';
export class Sealed extends FlowSpec {
  readonly apiKey = param.secret({ help: 'of the service' });
  length = 0;
  @step start() { this.length = this.apiKey.length; this.next(this.end); }
  @step end() { if (this.apiKey.length !== this.length) throw new Error('lost'); }
}`;

const SECRETS = {
  env: 'env-"hunter"-2',
  file: 'line one\nline two',
  command: 'command-secret',
  vault: 'vault-secret',
  given: 'given-secret',
};

const TAKES = `import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { artifact, FlowSpec, param, secretFrom, secrets, step } from 'millrace';

const SOURCES = {
  FROM_ENV: secretFrom.environment('PROD_KEY'),
  FROM_FILE: secretFrom.file('token.txt'),
  FROM_COMMAND: secretFrom.command('printf', 'command-%s\\\\n', 'secret'),
  FROM_VAULT: { name: 'the vault', read: async () => ['vault', 'secret'].join('-') },
};

export class Takes extends FlowSpec {
  readonly key = param.secret();
  readonly mode = param.string({ default: 'print' });
  lengths: Record<string, number> = {};
  others: (string | undefined)[] = [];
  copy: unknown;

  @secrets(SOURCES)
  @step async start() {
    const values = [...Object.keys(SOURCES).map((name) => process.env[name] ?? ''), this.key];
    for (const value of values) this.lengths[value.slice(0, 3)] = value.length;
    if (this.mode === 'print') await this.print(values);
    else if (this.mode === 'throw') throw Object.assign(
      new Error(\`cannot log in with \${values[0]}\`, { cause: new Error(\`not \${values[3]}\`) }),
      { request: { headers: [values[4]] } });
    else await this.keep(this.mode, values);
    this.next(this.end);
  }
  async print(values: string[]) {
    console.log(values.join(' '), JSON.stringify(values));
    for (const value of values) {
      process.stdout.write(value.slice(0, 3));
      await setTimeout(30);
      process.stdout.write(value.slice(3) + '|');
      process.stderr.write(value + '\\n');
    }
    console.log();
  }
  async keep(mode: string, [a, b]: string[]) {
    writeFileSync('leak.txt', \`\${'x'.repeat(70_000)}\${a}\`);
    if (mode === 'field') this.copy = { list: [1, { deep: \`the \${b}\` }] };
    if (mode === 'map') this.copy = new Map([['token', a]]);
    if (mode === 'bytes') this.copy = Buffer.from(\`..\${a}..\`);
    if (mode === 'error') this.copy = new Error(this.key);
    if (mode === 'file') this.copy = await artifact.file('leak.txt');
  }
  @step end() { this.others = Object.keys(SOURCES).map((name) => process.env[name]); }
}`;

async function takingRig(): Promise<FlowRig> {
  const rig = await FlowRig.create();
  await rig.write('flow.ts', TAKES);
  await rig.write('token.txt', `${SECRETS.file}\n`);
  return rig;
}

const env = { PROD_KEY: SECRETS.env, MILLRACE_PARAM_KEY: SECRETS.given };

/** Not in any file of the store, as it is, as JSON has it, or in base64. */
function expectNowhere(rig: FlowRig, texts: readonly string[]): void {
  const disguises = Object.values(SECRETS).flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
  ]);
  const files = readdirSync(rig.store, { recursive: true, withFileTypes: true });
  const contents = files
    .filter((entry) => entry.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name)));
  for (const content of [...contents, ...texts.map((text) => Buffer.from(text))]) {
    for (const disguise of disguises) expect(content.includes(disguise), disguise).toBe(false);
  }
}

describe('secrets of a step', () => {
  it('come from environment, file, command and provider, and reach nothing but that step', async () => {
    await using rig = await takingRig();
    const { code, stdout, stderr } = await rig.run(['flow.ts'], { env });
    expect(code).toBe(0);
    const { lengths, others } = await rig.artifacts('latest/end');
    expect(lengths).toEqual({ env: 14, lin: 17, com: 14, vau: 12, giv: 12 });
    expect(others).toEqual(Array(4).fill(null));
    const logs = await rig.ok(['logs', 'latest/start/0', '--stdout']);
    expect(logs.stdout).toBe(
      `${Array(5).fill('***').join(' ')} ["***","***","***","***","***"]\n${'***|'.repeat(5)}\n`,
    );
    expect((await rig.ok(['logs', 'latest/start/0', '--stderr'])).stdout).toBe('***\n'.repeat(5));
    expectNowhere(rig, [stdout, stderr]);
  });

  it('are taken out of failures: messages, causes, fields', async () => {
    await using rig = await takingRig();
    const { code, stdout, stderr, events } = await rig.run(['flow.ts', '--mode', 'throw'], { env });
    expect(code).toBe(1);
    expect(events.find(({ type }) => type === 'task.failed')).toMatchObject({
      failure: {
        message: 'cannot log in with ***',
        cause: { message: 'not ***' },
        fields: { request: { headers: ['***'] } },
      },
    });
    const plain = await rig.flow(['run', 'flow.ts', '--mode', 'throw'], { env });
    expect(plain.stderr).toContain('cannot log in with ***');
    expectNowhere(rig, [stdout, stderr, plain.stdout, plain.stderr]);
  });

  it.each([
    ['field', 'this.copy.list[1].deep holds a secret'],
    ['map', 'this.copy.get("token") holds a secret'],
    ['bytes', 'this.copy holds a secret'],
    ['error', 'this.copy.'],
    ['file', 'leak.txt holds a secret'],
  ])('are refused as artifacts, with the path to them: %s', async (mode, message) => {
    await using rig = await takingRig();
    const { code, events } = await rig.run(['flow.ts', '--mode', mode], { env });
    expect(code).toBe(1);
    expect(events.find(({ type }) => type === 'task.failed')).toMatchObject({
      failure: { code: 'SECRET_IN_ARTIFACT', message: expect.stringContaining(message) },
    });
    expectNowhere(rig, []);
  });

  it('are refused as items of a foreach', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, param, step } from 'millrace';
      export class Items extends FlowSpec {
        readonly key = param.secret();
        @step start() { this.next(this.work, { foreach: ['a', this.key] }); }
        @step work(_item: string) { this.next(this.join); }
        @step join(_inputs: unknown[]) { this.next(this.end); }
        @step end() {}
      }`,
    );
    const { events } = await rig.run(['flow.ts'], { env });
    expect(events.find(({ type }) => type === 'task.failed')).toMatchObject({
      failure: { message: expect.stringContaining('item 1 holds a secret') },
    });
    expectNowhere(rig, []);
  });

  it('that cannot be had fail the attempt, all named', async () => {
    await using rig = await FlowRig.create();
    const sources = `{
      A: secretFrom.environment('NOT_SET'),
      B: secretFrom.file('gone.txt'),
      C: secretFrom.command('false', 'argument'),
      D: secretFrom.command('no-such-program'),
      E: { name: 'the vault', read: () => 'abc' },
      F: { name: 'the vault', read: () => { throw new Error('sealed'); } },
      G: { name: 'the vault', read: () => 5 as never },
    }`;
    await rig.write(
      'flow.ts',
      `import { FlowSpec, secretFrom, secrets, step } from 'millrace';
      export class Lacks extends FlowSpec {
        @secrets(${sources}) @step start() { console.log('ran'); this.next(this.end); }
        @step end() {}
      }`,
    );
    const { code, events } = await rig.run(['flow.ts']);
    expect(code).toBe(1);
    const failed = events.find(({ type }) => type === 'task.failed');
    expect(failed).toMatchObject({ failure: { code: 'SECRET_UNAVAILABLE' } });
    for (const part of [
      'A: the variable NOT_SET is not set',
      'B: ENOENT',
      'C: the command false ended with exit code 1',
      'D: the command no-such-program is not there',
      'E: it is shorter than 4 characters',
      'F: sealed',
      'G: it is no text',
    ]) {
      expect(JSON.stringify(failed)).toContain(part);
    }
    expect(JSON.stringify(failed)).not.toContain('argument');
    expect((await rig.ok(['logs', 'latest'])).stdout).toBe('');
    const shown = await rig.ok(['show', 'flow.ts']);
    expect(shown.stdout).toContain('@secrets(A, B, C, D, E, F, G)');
  });

  it('that are declared wrongly are found before the run', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.js',
      `import { FlowSpec } from 'millrace';
      export class Wrong extends FlowSpec {
        static steps = { start: { environment: { D: '1' }, secrets: { D: { name: 'x', read() {} }, 'A=B': { name: 'x', read() {} }, C: 'text' } }, end: {} };
        start() { this.next(this.end); }
        end() {}
      }`,
    );
    const { code, stderr } = await rig.flow(['check', 'flow.js']);
    expect(code).toBe(1);
    expect(stderr).toContain('@secrets: "A=B" is no name of a variable');
    expect(stderr).toContain('@secrets: C has no source');
    expect(stderr).toContain('"start" has D both in @environment and in @secrets');
  });
});

describe('a secret', () => {
  it.each([
    ['short', 'hunter2-hunter2'],
    ['long', 'k'.repeat(5_000)],
  ])('that is %s reaches every step and no file of the store', async (_, secret) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    await rig.ok(['run', 'flow.ts'], { env: { MILLRACE_PARAM_API_KEY: secret } });
    expect((await rig.artifacts('latest/end'))['length']).toBe(secret.length);
    const files = readdirSync(rig.store, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      const bytes = readFileSync(join(file.parentPath, file.name));
      expect(bytes.includes(secret), file.name).toBe(false);
      expect(bytes.includes(Buffer.from(secret).toString('base64')), file.name).toBe(false);
    }
  });

  it('is not taken from the command line', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    const { code, stderr } = await rig.flow(['run', 'flow.ts', '--api-key', 'hunter2']);
    expect(code).toBe(2);
    expect(stderr).toContain('MILLRACE_PARAM_API_KEY');
    expect(stderr).not.toContain('hunter2');
  });

  it('that is too short to be kept out of logs is refused', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    const { code, stderr } = await rig.flow(['run', 'flow.ts'], {
      env: { MILLRACE_PARAM_API_KEY: 'abc' },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('MILLRACE_PARAM_API_KEY: is shorter than 4 characters');
  });
});
