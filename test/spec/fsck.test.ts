import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkStore } from '../../src/client/fsck/check-store.ts';
import { FlowRig } from '../rig/flow-rig.ts';

const FLOW = `import { FlowSpec, artifact, step, type Inputs } from 'millrace';
import { mkdirSync, writeFileSync } from 'node:fs';
export class Kept extends FlowSpec {
  large = new Uint8Array(0);
  folder: any;
  small = 'small';
  @step async start() {
    this.large = new Uint8Array(10_000).fill(1);
    mkdirSync('made/in', { recursive: true });
    writeFileSync('made/in/file.txt', 'of a folder');
    this.folder = await artifact.directory('made');
    this.next(this.work, { foreach: [1, 2] });
  }
  @step work(item: number) { this.large = new Uint8Array(10_000).fill(item); this.next(this.join); }
  @step join(inputs: Inputs<Kept>) { this.next(this.end); }
  @step end() {}
}`;

let rig: FlowRig;
let copies = 0;

beforeAll(async () => {
  rig = await FlowRig.create();
  await rig.write('flow.ts', FLOW);
  await rig.ok(['run', 'flow.ts']);
});

afterAll(() => rig[Symbol.asyncDispose]());

/** A copy of the sound store, to be damaged. */
function copyStore(): string {
  copies += 1;
  const copy = join(rig.dir, `copy-${copies}`);
  cpSync(rig.store, copy, { recursive: true });
  return copy;
}

function find(root: string, part: string): string {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const path = paths.find((one) => one.includes(part));
  if (path === undefined) throw new Error(`no ${part} in ${paths.join(', ')}`);
  return join(root, path);
}

function blobOf(root: string, content: Uint8Array): string {
  for (const path of readdirSync(join(root, 'blobs'), { recursive: true, encoding: 'utf8' })) {
    const file = join(root, 'blobs', path);
    if (path.length > 10 && readFileSync(file).subarray(16).equals(content)) return file;
  }
  throw new Error('no such blob');
}

function flip(file: string, offset: number): void {
  const bytes = readFileSync(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

async function codes(root: string): Promise<string[]> {
  const { findings } = await checkStore(root);
  return findings.map(({ code, severity }) => `${severity} ${code}`);
}

describe('flow fsck', () => {
  it('finds a sound store sound, and counts what it read', async () => {
    const { stdout } = await rig.ok(['fsck', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, runs: 1, findings: [] });
    expect(JSON.parse(stdout).bytes).toBeGreaterThan(20_000);
    expect((await rig.ok(['fsck'])).stdout).toMatch(/is sound: 1 run, \d+ blobs/);
  });

  it('tells damage with exit code 1, on stderr, and changes nothing', async () => {
    const root = copyStore();
    rmSync(blobOf(root, Buffer.alloc(10_000, 2)));
    const found = await rig.flow(['fsck', '--store', root]);
    expect(found.code).toBe(1);
    expect(found.stdout).toBe('');
    expect(found.stderr).toMatch(/names the blob [0-9a-f]{64}, which is missing/);
    const { code, stdout } = await rig.flow(['fsck', '--store', root, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, findings: [{ code: 'blob-missing' }] });
  });

  it('says so where there is no store', async () => {
    const { code, stderr } = await rig.flow(['fsck', '--store', 'nowhere']);
    expect(code).toBe(2);
    expect(stderr).toContain('no store');
  });

  it.each<[what: string, hurt: (root: string) => void, finding: string]>([
    [
      'a byte of a journal',
      (root) => flip(find(root, 'journal.ndjson'), 700),
      'error journal-corrupt',
    ],
    [
      'a byte of a blob',
      (root) => flip(blobOf(root, Buffer.alloc(10_000, 1)), 5_000),
      'error store-blob-corrupt',
    ],
    [
      'a file of a folder that is missing',
      (root) => rmSync(blobOf(root, Buffer.from('of a folder'))),
      'error blob-missing',
    ],
    [
      'the prepared flow',
      (root) => rmSync(join(root, 'code'), { recursive: true }),
      'error code-missing',
    ],
    [
      'an index that does not say what the journal says',
      (root) => {
        const path = find(root, 'index.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace('["large"]', '[]'));
      },
      'error index-wrong',
    ],
    ['the header of a run', (root) => rmSync(find(root, 'run.json')), 'error run-header-missing'],
    [
      'a file among the blobs',
      (root) => writeFileSync(join(root, 'blobs', 'x'), ''),
      'error blob-stray',
    ],
    [
      'a torn last line',
      (root) => appendFileSync(find(root, 'journal.ndjson'), '{"v":1,"seq":'),
      'warning journal-torn',
    ],
    [
      'a blob that nothing names',
      (root) => rmSync(find(root, 'flows/Kept'), { recursive: true }),
      'warning blobs-unneeded',
    ],
    [
      'an abandoned file',
      (root) => writeFileSync(join(root, 'tmp', 'blob-1'), ''),
      'warning files-in-tmp',
    ],
    ['a run that never began', (root) => rmSync(find(root, 'journal.ndjson')), 'warning run-empty'],
  ])('finds %s', async (_, hurt, finding) => {
    const root = copyStore();
    hurt(root);
    expect(await codes(root)).toContain(finding);
  });
});
