import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { codeBlocks } from '../rig/code-blocks.ts';
import { type Finished, FlowRig, transcript } from '../rig/flow-rig.ts';
import { installPackage, vitest } from '../rig/install-package.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** The two commands of the README are what CI itself runs, and what the flows are tested with. */
const WHOLE = ['npm ci && npm start', 'npm ci && npm run verify'];

/** Its own test types it line by line. */
const TOUR = 'docs/tour.md';

describe.each(PAGES)('%s', (page) => {
  const blocks = codeBlocks(join(ROOT, page));

  it.skipIf(page === TOUR)(
    'has code blocks that run, in order, as they stand',
    { timeout: 120_000 },
    async () => {
      await using rig = await FlowRig.create();
      for (const block of blocks) {
        if (block.title !== undefined) await rig.write(block.title, block.text);
        if (block.language === 'sh') await runLines(rig, block.text);
      }
    },
  );

  it('has no block that nothing runs', () => {
    const idle = blocks.filter(({ language, title }) =>
      ['ts', 'js'].includes(language)
        ? title === undefined
        : !['sh', 'text', 'json', 'yaml'].includes(language),
    );
    expect(idle).toEqual([]);
  });

  it('links only to what exists', () => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
      expect(() => readdirSync(join(ROOT, page, '..', target, '..')), target).not.toThrow();
      expect(readdirSync(join(ROOT, page, '..', target, '..')), target).toContain(
        target.split('/').findLast(Boolean),
      );
    }
  });
});

async function runLines(rig: FlowRig, text: string): Promise<void> {
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#') || WHOLE.includes(line)) continue;
    const finished = await runLine(rig, line);
    expect(finished.code, `${line}\n${transcript(finished)}`).toBe(0);
  }
}

async function runLine(rig: FlowRig, line: string): Promise<Finished> {
  const [runner, program = '', ...args] = wordsOf(line);
  if (`${runner} ${program}` === 'npx millrace') return rig.flow(args);
  if (`${runner} ${program}` === 'npx vitest') {
    await installPackage(rig);
    return vitest(rig, args);
  }
  expect(runner, `a line that this test can run: ${line}`).toBe('node');
  await installPackage(rig);
  return rig.startNode([program, ...args]).finished;
}

/** As a shell takes them: what it would change has to stand between quotes. */
function wordsOf(line: string): string[] {
  const words = line.match(/'[^']*'|[^\s']+/g) ?? [];
  expect(words.filter((word) => /^[^']*[{}$&*?~"\\;<>|]/.test(word))).toEqual([]);
  return words.map((word) => word.replaceAll("'", ''));
}
