import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TYPESCRIPT = `import { FlowSpec, type Inputs, step } from 'millrace';
export class It extends FlowSpec {
  n = 0; sum = 0;
  @step start() { this.next(this.work, { foreach: [1, 2, 3] }); }
  @step work(n: number) { this.n = n; this.next(this.join); }
  @step join(inputs: Inputs<It>) { this.sum = inputs.reduce((sum, i) => sum + i.n, 0); this.next(this.end); }
  @step end() { console.log('the sum is ' + this.sum); }
}
`;
const JAVASCRIPT = `import { FlowSpec } from 'millrace';
export class It extends FlowSpec {
  static steps = { start: {}, end: {} };
  start() { this.answer = 42; this.next(this.end); }
  end() { console.log('the answer is ' + this.answer); }
}
`;

describe('the packed package, installed in an empty folder', () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-package-'));
  const npx = (...args: string[]): string =>
    execFileSync('npx', args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  beforeAll(() => {
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', dir], {
      cwd: ROOT,
      stdio: 'ignore',
    });
    const [tarball = ''] = readdirSync(dir).filter((name) => name.endsWith('.tgz'));
    writeFileSync(join(dir, 'package.json'), '{ "name": "empty", "private": true }');
    const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    execFileSync('npm', ['install', ...options, `./${tarball}`], { cwd: dir, stdio: 'ignore' });
  }, 120_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('runs a TypeScript flow', () => {
    writeFileSync(join(dir, 'it.ts'), TYPESCRIPT);
    npx('flow', 'run', 'it.ts');
    expect(npx('flow', 'logs', 'latest/end')).toContain('the sum is 6');
  });

  it('runs a plain JavaScript flow', () => {
    writeFileSync(join(dir, 'it.mjs'), JAVASCRIPT);
    npx('flow', 'run', 'it.mjs');
    expect(npx('millrace', 'logs', 'latest/end')).toContain('the answer is 42');
  });

  it('starts a project from a template, which runs as it is', () => {
    npx('flow', 'new', 'fresh', '--template', 'foreach');
    const [file = ''] = readdirSync(join(dir, 'fresh')).filter((name) => name.endsWith('.ts'));
    npx('flow', 'check', join('fresh', file));
  });
});
